/// The shape of a convolution: what it reads, what it slides over it, and how.
///
/// Activations are laid out (batch, depth, height, width, channels), weights
/// (kernel depth, height, width, input channels / groups, output channels), both with the channels
/// innermost. One- and two-dimensional convolutions have leading extents of 1. A linear layer is a
/// convolution with all extents 1. Nothing is flipped, and what lies outside the map is zero:
///
///     y[n, p, k] = b[k] + Σ_u Σ_c w[u, c, k] · x[n, p·stride − paddingBefore + u·dilation, c]
public struct ConvolutionGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The channels of the input, over all groups.
  public let inputChannels: Int
  /// The channels of the output, over all groups.
  public let outputChannels: Int
  /// The number of groups; channels of one group see only that group.
  public let groups: Int
  /// The size of the input map.
  public let inputExtent: Extent3
  /// The number of kernel taps along each axis.
  public let kernelExtent: Extent3
  /// The distance between neighbouring windows.
  public let stride: Extent3
  /// The zeros before the map.
  public let paddingBefore: Extent3
  /// The zeros behind the map.
  public let paddingAfter: Extent3
  /// The distance between neighbouring taps of a window.
  public let dilation: Extent3
  /// The size of the output map.
  public let outputExtent: Extent3

  /// Creates a geometry, or throws an error that says in one sentence what does not fit.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples; at least 1.
  ///   - inputChannels: The channels of the input; a multiple of `groups`.
  ///   - outputChannels: The channels of the output; a multiple of `groups`.
  ///   - groups: The number of groups.
  ///   - inputExtent: The size of the input map.
  ///   - kernelExtent: The number of kernel taps along each axis.
  ///   - stride: The distance between neighbouring windows.
  ///   - paddingBefore: The zeros before the map; at least 0.
  ///   - paddingAfter: The zeros behind the map; at least 0.
  ///   - dilation: The distance between neighbouring taps of a window.
  /// - Throws: `ConvolutionGeometryError` if a number is out of range, if channels do not divide
  ///   into groups, if the kernel is larger than the padded input, or if sizes overflow.
  public init(
    batchSize: Int,
    inputChannels: Int,
    outputChannels: Int,
    groups: Int = 1,
    inputExtent: Extent3,
    kernelExtent: Extent3,
    stride: Extent3 = Extent3(repeating: 1),
    paddingBefore: Extent3 = Extent3(repeating: 0),
    paddingAfter: Extent3 = Extent3(repeating: 0),
    dilation: Extent3 = Extent3(repeating: 1)
  ) throws(ConvolutionGeometryError) {
    try requireRange("batch size", batchSize, atLeast: 1)
    try requireRange("number of input channels", inputChannels, atLeast: 1)
    try requireRange("number of output channels", outputChannels, atLeast: 1)
    try requireRange("number of groups", groups, atLeast: 1)
    try requireRange("input extent", inputExtent, atLeast: 1)
    try requireRange("kernel extent", kernelExtent, atLeast: 1)
    try requireRange("stride", stride, atLeast: 1)
    try requireRange("padding before the map", paddingBefore, atLeast: 0)
    try requireRange("padding behind the map", paddingAfter, atLeast: 0)
    try requireRange("dilation", dilation, atLeast: 1)
    for (name, channels) in [("input", inputChannels), ("output", outputChannels)]
    where channels % groups != 0 {
      throw ConvolutionGeometryError(
        "the \(channels) \(name) channels of the convolution do not divide into \(groups) groups")
    }
    func output(_ axis: SpatialAxis, _ name: String)
      throws(ConvolutionGeometryError) -> Int
    {
      let window = (kernelExtent[axis] - 1) * dilation[axis] + 1
      let padded =
        inputExtent[axis] + paddingBefore[axis] + paddingAfter[axis]
      guard window <= padded else {
        throw ConvolutionGeometryError(
          """
          the kernel of the convolution spans \(window) positions along the \(name), \
          but the padded input has only \(padded)
          """)
      }
      return (padded - window) / stride[axis] + 1
    }
    self.batchSize = batchSize
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.groups = groups
    self.inputExtent = inputExtent
    self.kernelExtent = kernelExtent
    self.stride = stride
    self.paddingBefore = paddingBefore
    self.paddingAfter = paddingAfter
    self.dilation = dilation
    outputExtent = Extent3(
      depth: try output(.depth, "depth"),
      height: try output(.height, "height"),
      width: try output(.width, "width"))
    try requireCountable("input", [batchSize, inputChannels], inputExtent)
    try requireCountable("output", [batchSize, outputChannels], outputExtent)
    try requireCountable("weights", [inputChannels, outputChannels], kernelExtent)
  }
}

extension ConvolutionGeometry {
  /// The number of floats of the input.
  public var inputCount: Int { batchSize * inputExtent.volume * inputChannels }
  /// The number of floats of the output.
  public var outputCount: Int { batchSize * outputExtent.volume * outputChannels }
  /// The number of floats of the weights.
  public var weightCount: Int { kernelExtent.volume * groupInputChannels * outputChannels }
  /// The input channels that one output channel sees.
  public var groupInputChannels: Int { inputChannels / groups }
  /// The output channels of one group.
  public var groupOutputChannels: Int { outputChannels / groups }
  /// The multiplications and additions of one pass, in any direction, taps on the padding included.
  public var floatingPointOperations: Int {
    2 * batchSize * outputExtent.volume * weightCount
  }
}

/// Says in one sentence why numbers do not make a convolution.
public struct ConvolutionGeometryError: Error, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Products of two accepted numbers cannot overflow.
private let largestNumber = Int(Int32.max)

private func requireRange(
  _ name: String, _ number: Int, atLeast least: Int
) throws(ConvolutionGeometryError) {
  guard number >= least, number <= largestNumber else {
    throw ConvolutionGeometryError(
      "the \(name) of a convolution must be from \(least) to \(largestNumber), not \(number)")
  }
}

private func requireRange(
  _ name: String, _ extent: Extent3, atLeast least: Int
) throws(ConvolutionGeometryError) {
  try requireRange("\(name) (depth)", extent.depth, atLeast: least)
  try requireRange("\(name) (height)", extent.height, atLeast: least)
  try requireRange("\(name) (width)", extent.width, atLeast: least)
}

/// Requires that the element count, its bytes and the operations on it fit an `Int` with room.
private func requireCountable(
  _ name: String, _ factors: [Int], _ extent: Extent3
) throws(ConvolutionGeometryError) {
  var count = 1.0
  for factor in factors + [extent.depth, extent.height, extent.width] {
    count *= Double(factor)
  }
  guard count < 0x1p48 else {
    throw ConvolutionGeometryError("the \(name) of the convolution would have 2^48 numbers or more")
  }
}
