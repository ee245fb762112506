import Kernels

/// A transposed convolution over one, two or three spatial axes, with a bias unless told otherwise: the
/// data gradient of a convolution, as a layer that makes maps larger.
///
/// It scatters x[n,p,c]·w[u,k,c] to y[n, p·stride − padding + u·dilation, k]. An axis of n pixels becomes
/// (n − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. Its parameters are `w` of shape
/// (kernel…, output channels / groups, input channels) and `b` of shape (output channels).
///
/// The engine runs it as the convolution that it mirrors, with the passes exchanged.
public struct TransposedConvolution: NetworkOperation {
  let kernel: AxisValues
  let outputChannels: Int
  let stride: AxisValues
  let padding: AxisValues
  let outputPadding: AxisValues
  let dilation: AxisValues
  let groups: Int
  let hasBias: Bool

  /// Creates a transposed convolution.
  ///
  /// - Parameters:
  ///   - kernel: The kernel's extent along each axis.
  ///   - channels: The number of output channels.
  ///   - stride: The distance of neighbouring pixels' windows in the output.
  ///   - padding: The pixels that are cut off the output's edges, before and after.
  ///   - outputPadding: The pixels that are cut off fewer after; less than stride or dilation.
  ///   - dilation: The distance of the kernel's taps along each axis.
  ///   - groups: The number of groups that channels are divided into, each by itself.
  ///   - bias: Whether a bias is added.
  public init(
    _ kernel: AxisValues, channels: Int, stride: AxisValues = 1, padding: AxisValues = 0,
    outputPadding: AxisValues = 0, dilation: AxisValues = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.kernel = kernel
    outputChannels = channels
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
    hasBias = bias
  }
}

extension TransposedConvolution {
  /// The convolution that it mirrors, which reads its output and makes its input.
  ///
  /// - Throws: `ShapeError` if numbers do not make a convolution.
  func mirrored(input: Shape, batchSize: Int) throws(ShapeError) -> ConvolutionGeometry {
    let axes = input.spatial.count
    guard axes > 0 else {
      throw ShapeError("a transposed convolution needs an input with spatial axes, not a vector")
    }
    for (name, channels) in [("input", input.channels), ("output", outputChannels)]
    where groups < 1 || channels % groups != 0 {
      throw ShapeError("its \(channels) \(name) channels do not divide into \(groups) groups")
    }
    let kernel = try kernel.expanded(axes: axes, of: "kernel")
    let stride = try stride.expanded(axes: axes, of: "stride")
    let padding = try padding.expanded(axes: axes, of: "padding")
    let outputPadding = try outputPadding.expanded(axes: axes, of: "output padding")
    let dilation = try dilation.expanded(axes: axes, of: "dilation")
    var sizes: [MirroredAxis] = []
    for axis in 0..<axes {
      sizes.append(
        try MirroredAxis(
          input: input.spatial[axis], kernel: kernel[axis], stride: stride[axis],
          padding: padding[axis], outputPadding: outputPadding[axis], dilation: dilation[axis]))
    }
    do {
      return try ConvolutionGeometry(
        batchSize: batchSize, inputChannels: outputChannels, outputChannels: input.channels,
        groups: groups, inputExtent: Extent3(sizes.map(\.output), fill: 1),
        kernelExtent: Extent3(kernel, fill: 1), stride: Extent3(stride, fill: 1),
        paddingBefore: Extent3(padding, fill: 0),
        paddingAfter: Extent3(sizes.map(\.paddingAfter), fill: 0),
        dilation: Extent3(dilation, fill: 1))
    } catch {
      throw ShapeError("mirrored, \(error)")
    }
  }

  /// The convolution that a node mirrors which the builder has accepted.
  func mirrored(_ shapes: NodeShapes) -> ConvolutionGeometry {
    do {
      return try mirrored(input: shapes.inputs[0], batchSize: shapes.batchSize)
    } catch {
      preconditionFailure("the builder accepted this transposed convolution: \(error.reason)")
    }
  }
}

/// One axis of the mirrored convolution.
private struct MirroredAxis {
  /// The extent of what it reads, which is the output of the transposed convolution.
  let output: Int
  /// Its padding behind the map, with which it makes as many pixels as the transposed one reads.
  let paddingAfter: Int

  init(
    input: Int, kernel: Int, stride: Int, padding: Int, outputPadding: Int, dilation: Int
  ) throws(ShapeError) {
    // Products of these, and their sums, do not overflow.
    let largest = 1 << 30
    guard 1...largest ~= kernel, 1...largest ~= stride, 1...largest ~= dilation,
      0...largest ~= padding, 0...largest ~= outputPadding
    else {
      throw ShapeError(
        "kernel, stride and dilation of a transposed convolution must be from 1 to \(largest), its "
          + "paddings from 0, not \(kernel), \(stride), \(dilation), \(padding) and \(outputPadding)"
      )
    }
    guard outputPadding < max(stride, dilation) else {
      throw ShapeError(
        "its output padding of \(outputPadding) must be less than its stride of \(stride) or its "
          + "dilation of \(dilation)")
    }
    output = (input - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1
    guard 1...Shape.largestElementCount ~= output else {
      throw ShapeError(
        "a transposed convolution would make \(output) pixels of \(input): more than none and at "
          + "most \(Shape.largestElementCount) are possible")
    }
    // The mirrored convolution rounds down, which takes less than a stride.
    paddingAfter = padding - outputPadding / stride * stride
    guard paddingAfter >= 0 else {
      throw ShapeError(
        "its output padding of \(outputPadding) must be less than its stride of \(stride), or its "
          + "padding of \(padding) at least as large")
    }
  }
}
