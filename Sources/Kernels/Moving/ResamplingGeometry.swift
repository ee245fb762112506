import KernelInterface

/// The sizes of a resampling: a map, and the map of another size that is made of it.
///
/// Maps are laid out (batch, depth, height, width, channels), channels innermost.
public struct ResamplingGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  let depth: ResamplingAxis
  let height: ResamplingAxis
  let width: ResamplingAxis

  /// Creates a geometry.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples.
  ///   - channels: The number of channels.
  ///   - inputExtent: The size of the map; at least 1 and below 2^31 along each axis.
  ///   - outputExtent: The size of the map that is made; the same.
  ///   - scales: Depth, height and width of the output for each of the input, above 0, if that is not
  ///     the quotient of the sizes, which are rounded.
  ///   - method: Nearest or linear.
  public init(
    batchSize: Int, channels: Int, inputExtent: Extent3, outputExtent: Extent3,
    scales: (Double, Double, Double)? = nil, method: ResamplingMethod
  ) {
    self.batchSize = batchSize
    self.channels = channels
    func axis(_ axis: SpatialAxis, _ scale: Double?) -> ResamplingAxis {
      let (input, output) = (inputExtent[axis], outputExtent[axis])
      precondition(
        1..<1 << 31 ~= input && 1..<1 << 31 ~= output && scale ?? 1 > 0,
        "a resampling from \(input) to \(output) pixels is impossible")
      return ResamplingAxis(input: input, output: output, scale: scale, method: method)
    }
    depth = axis(.depth, scales?.0)
    height = axis(.height, scales?.1)
    width = axis(.width, scales?.2)
  }
}
