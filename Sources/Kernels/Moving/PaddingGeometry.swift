import KernelInterface

/// What stands around a padded map.
public enum PaddingMode: Hashable, Sendable {
  /// One value, such as 0.
  case constant(Float)
  /// The map's pixels mirrored at its edge, which is not repeated.
  case reflect
  /// The nearest pixel of the map.
  case replicate
}

/// The sizes of one axis of a padding.
struct PaddingAxis: Hashable, Sendable {
  let input: Int
  let before: Int
  let after: Int
  let mode: PaddingMode

  var output: Int { before + input + after }

  /// The pixel that stands at a position of the padded map; none if it is the constant.
  @inline(__always)
  func source(of position: Int) -> Int? {
    let pixel = position - before
    if 0..<input ~= pixel { return pixel }
    switch mode {
    case .constant: return nil
    case .reflect: return pixel < 0 ? -pixel : 2 * (input - 1) - pixel
    case .replicate: return pixel < 0 ? 0 : input - 1
    }
  }

  /// Calls `body` with every position of the padded map where a pixel stands, its own first.
  @inline(__always)
  func forEachPosition(of pixel: Int, _ body: (_ position: Int) -> Void) {
    body(before + pixel)
    switch mode {
    case .constant: break
    case .reflect:
      if pixel >= 1, pixel <= before { body(before - pixel) }
      let mirrored = 2 * (input - 1) - pixel
      if mirrored >= input, before + mirrored < output { body(before + mirrored) }
    case .replicate:
      if pixel == 0 { for position in 0..<before { body(position) } }
      if pixel == input - 1 { for position in before + input..<output { body(position) } }
    }
  }
}

/// The sizes of a padding: a map and what is put around it.
///
/// Maps are laid out (batch, depth, height, width, channels), channels innermost.
public struct PaddingGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  /// What stands around the map.
  public let mode: PaddingMode
  let depth: PaddingAxis
  let height: PaddingAxis
  let width: PaddingAxis

  /// Creates a geometry.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples.
  ///   - channels: The number of channels.
  ///   - inputExtent: The size of the map; at least 1 along each axis.
  ///   - before: The pixels before the map; at least 0, and below its extent for `reflect`.
  ///   - after: The pixels behind the map; the same.
  ///   - mode: What stands there.
  public init(
    batchSize: Int, channels: Int, inputExtent: Extent3, before: Extent3, after: Extent3,
    mode: PaddingMode
  ) {
    self.batchSize = batchSize
    self.channels = channels
    self.mode = mode
    func axis(_ axis: SpatialAxis) -> PaddingAxis {
      let (input, before, after) = (inputExtent[axis], before[axis], after[axis])
      precondition(
        input >= 1 && before >= 0 && after >= 0
          && (mode != .reflect || max(before, after) < input),
        "a padding of \(before) and \(after) does not fit \(input) pixels")
      return PaddingAxis(input: input, before: before, after: after, mode: mode)
    }
    depth = axis(.depth)
    height = axis(.height)
    width = axis(.width)
  }
}
