/// How an output gradient is folded for all taps at once: where its rows lie among zeros.
///
/// A few channels of a sample are copied into a map with enough zeros around that every tap finds a
/// row at every pixel of the input. Then a bucket's sums for nine taps stay in registers while its
/// pixels are gone through, and neighbouring taps find each other's rows in the nearest cache.
package struct TapFoldPlan: Hashable, Sendable {
  /// The channels that are copied at a time: two vectors of the widest, or one where two would leave
  /// less of the nearest cache than taps of neighbouring rows need to find each other's numbers there.
  private let blockColumns: Int
  private static let widestBlock = 32
  private static let wideCapacity = 16_384
  /// The floats of the largest copy: a part of a core's second-level cache.
  private static let capacity = 131_072

  private let geometry: ConvolutionGeometry
  /// The zeros before the output map.
  private let front: Extent3
  /// The copy's map.
  package let extent: Extent3
  /// The floats from a pixel of the copy to the next.
  package let pitch: Int

  /// The plan for a fold; nil where windows step over pixels or a map is too large.
  package init?(_ description: SketchDescription, _ geometry: ConvolutionGeometry) {
    guard description.estimator == .fold, geometry.stride == Extent3(repeating: 1) else {
      return nil
    }
    self.geometry = geometry
    func zeros(_ axis: SpatialAxis, _ padding: Extent3) -> Int {
      max(0, (geometry.kernelExtent[axis] - 1) * geometry.dilation[axis] - padding[axis])
    }
    func total(_ axis: SpatialAxis) -> Int {
      zeros(axis, geometry.paddingBefore) + geometry.outputExtent[axis]
        + zeros(axis, geometry.paddingAfter)
    }
    front = Extent3(
      depth: zeros(.depth, geometry.paddingBefore), height: zeros(.height, geometry.paddingBefore),
      width: zeros(.width, geometry.paddingBefore))
    extent = Extent3(depth: total(.depth), height: total(.height), width: total(.width))
    blockColumns =
      extent.volume * Self.widestBlock <= Self.wideCapacity
      ? Self.widestBlock : Self.widestBlock / 2
    let columns = min(blockColumns, geometry.outputChannels)
    pitch = (columns + 15) / 16 * 16
    guard extent.volume <= Self.capacity / pitch else { return nil }
  }

  /// The blocks of channels.
  package var blockCount: Int {
    (geometry.outputChannels + blockColumns - 1) / blockColumns
  }

  /// The channels of a block.
  package func columns(ofBlock block: Int) -> Range<Int> {
    let first = block * blockColumns
    return first..<min(first + blockColumns, geometry.outputChannels)
  }

  /// The floats of a copy.
  package var copyCount: Int { extent.volume * pitch }

  /// The float at which a row of the output map begins in the copy; rows of all but the last axis
  /// flattened.
  package func start(ofOutputRow row: Int) -> Int {
    let height = geometry.outputExtent.height
    return offset(
      depth: front.depth + row / height, height: front.height + row % height, width: front.width)
  }

  /// Where the rows of pixels begin as a tap without displacement sees them.
  package func writePixelOffsets(to offsets: UnsafeMutablePointer<Int32>) {
    let input = geometry.inputExtent
    for pixel in 0..<input.volume {
      unsafe offsets[pixel] = Int32(
        offset(
          depth: pixel / input.width / input.height, height: pixel / input.width % input.height,
          width: pixel % input.width))
    }
  }

  /// What each tap adds to the offset of a pixel.
  package func writeTapOffsets(to offsets: UnsafeMutablePointer<Int32>) {
    let kernel = geometry.kernelExtent
    for tap in 0..<kernel.volume {
      unsafe offsets[tap] = Int32(
        offset(
          depth: displacement(.depth, tap / kernel.width / kernel.height),
          height: displacement(.height, tap / kernel.width % kernel.height),
          width: displacement(.width, tap % kernel.width)))
    }
  }

  /// Input q is read through tap u by output q + padding − u · dilation.
  private func displacement(_ axis: SpatialAxis, _ tap: Int) -> Int {
    front[axis] + geometry.paddingBefore[axis] - tap * geometry.dilation[axis]
  }

  private func offset(depth: Int, height: Int, width: Int) -> Int {
    ((depth * extent.height + height) * extent.width + width) * pitch
  }
}
