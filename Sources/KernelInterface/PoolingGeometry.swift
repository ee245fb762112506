/// The shape of a pooling layer: what it reads and what slides over it, or divides it.
///
/// Activations are laid out (batch, depth, height, width, channels), channels innermost. One- and
/// two-dimensional pooling has leading extents of 1.
public struct PoolingGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  /// The size of the input map.
  public let inputExtent: Extent3
  /// The cells of the window along each axis; of the largest one, where windows differ.
  public let kernelExtent: Extent3
  /// The size of the output map.
  public let outputExtent: Extent3
  /// Whether every window lies inside the padded map with all its cells.
  package let windowsAreWhole: Bool

  /// The outermost axis.
  package let depth: PoolingAxis
  /// The middle axis.
  package let height: PoolingAxis
  /// The innermost axis.
  package let width: PoolingAxis

  /// Creates the geometry of windows that slide over the map, or throws an error that says in one
  /// sentence what does not fit.
  ///
  /// Window i begins at i·stride − padding before. With n the extent and k = dilation·(kernel − 1) + 1
  /// there are ⌊(n + both paddings − k)/stride⌋ + 1 of them; in ceil mode ⌈…⌉ + 1, unless the last
  /// would begin behind the map.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples; at least 0.
  ///   - channels: The number of channels; at least 1.
  ///   - inputExtent: The size of the input map.
  ///   - kernelExtent: The cells of the window, not larger than the padded map.
  ///   - stride: The distance between neighbouring windows.
  ///   - paddingBefore: The padding before the map, smaller than the window.
  ///   - paddingAfter: The padding behind the map, smaller than the window.
  ///   - dilation: The distance between neighbouring cells of a window; at most the map's extent.
  ///   - ceilMode: Whether the last window may reach beyond the padding.
  /// - Throws: `PoolingGeometryError`, whose description is a sentence for the user.
  public init(
    batchSize: Int, channels: Int, inputExtent: Extent3, kernelExtent: Extent3, stride: Extent3,
    paddingBefore: Extent3 = Extent3(repeating: 0), paddingAfter: Extent3 = Extent3(repeating: 0),
    dilation: Extent3 = Extent3(repeating: 1), ceilMode: Bool = false
  ) throws(PoolingGeometryError) {
    try self.init(batchSize: batchSize, channels: channels) {
      axis throws(PoolingGeometryError) in
      try PoolingAxis(
        input: inputExtent[axis], kernel: kernelExtent[axis], stride: stride[axis],
        paddingBefore: paddingBefore[axis], paddingAfter: paddingAfter[axis],
        dilation: dilation[axis], ceilMode: ceilMode)
    }
  }

  /// Creates the geometry of windows that divide the map into as many parts as there are outputs, or
  /// throws an error that says in one sentence what does not fit.
  ///
  /// Window i of an axis reaches from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉: windows share pixels where o does not
  /// divide n, and o may exceed n.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples; at least 0.
  ///   - channels: The number of channels; at least 1.
  ///   - inputExtent: The size of the input map.
  ///   - adaptiveOutput: The size of the output map.
  /// - Throws: `PoolingGeometryError`, whose description is a sentence for the user.
  public init(
    batchSize: Int, channels: Int, inputExtent: Extent3, adaptiveOutput: Extent3
  ) throws(PoolingGeometryError) {
    try self.init(batchSize: batchSize, channels: channels) {
      axis throws(PoolingGeometryError) in
      try PoolingAxis(input: inputExtent[axis], adaptiveOutput: adaptiveOutput[axis])
    }
  }

  private init(
    batchSize: Int, channels: Int,
    axis: (SpatialAxis) throws(PoolingGeometryError) -> PoolingAxis
  ) throws(PoolingGeometryError) {
    guard batchSize >= 0, channels >= 1 else {
      throw PoolingGeometryError(
        "pooling needs at least one channel and no negative batch size, not \(channels) channels "
          + "and a batch of \(batchSize)")
    }
    self.batchSize = batchSize
    self.channels = channels
    depth = try axis(.depth)
    height = try axis(.height)
    width = try axis(.width)
    inputExtent = Extent3(depth: depth.input, height: height.input, width: width.input)
    kernelExtent = Extent3(depth: depth.kernel, height: height.kernel, width: width.kernel)
    outputExtent = Extent3(depth: depth.output, height: height.output, width: width.output)
    windowsAreWhole = depth.windowsAreWhole && height.windowsAreWhole && width.windowsAreWhole
    // A window is slid over one channel of one sample: whether it fits does not depend on the batch.
    let values = Double(batchSize) * Double(channels)
    for (extent, count) in [(inputExtent, values), (outputExtent, values), (kernelExtent, 1)] {
      let cells = Double(extent.depth) * Double(extent.height) * Double(extent.width)
      guard count * cells < 0x1p48 else {
        throw PoolingGeometryError("a map of the pooling would have 2^48 numbers or more")
      }
    }
    let cells =
      Double(kernelExtent.depth) * Double(kernelExtent.height) * Double(kernelExtent.width)
    guard cells <= 0x1p32 else {
      throw PoolingGeometryError("a window of the pooling would have more than 2^32 cells")
    }
  }

  /// The number of elements of the input.
  public var inputCount: Int { batchSize * inputExtent.volume * channels }

  /// The number of elements of the output.
  public var outputCount: Int { batchSize * outputExtent.volume * channels }

  /// The bytes that number the cells of a window: 1 for up to 256 cells, then 2, then 4.
  public var indexByteCount: Int {
    switch kernelExtent.volume {
    case ...(1 << 8): 1
    case ...(1 << 16): 2
    default: 4
    }
  }

  /// The number of rows of the input, over batch, depth and height.
  package var inputRows: Int { batchSize * inputExtent.depth * inputExtent.height }

  /// The number of rows of the output, over batch, depth and height.
  package var outputRows: Int { batchSize * outputExtent.depth * outputExtent.height }
}

/// Why sizes make no pooling layer.
public struct PoolingGeometryError: Error, Hashable, CustomStringConvertible {
  /// One sentence that says what is wrong and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
