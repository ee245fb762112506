import Kernels

/// A convolution over one, two or three spatial axes, with a bias unless told otherwise.
///
/// y[n,p,k] = b[k] + Σ_c Σ_u w[u,c,k] · x[n, p·stride − padding + u·dilation, c]; outside the map x
/// is 0. Its parameters are `w` of shape (kernel…, input channels / groups, output channels) and
/// `b` of shape (output channels).
public struct Convolution: NetworkOperation {
  let kernel: AxisValues
  let outputChannels: Int
  let stride: AxisValues
  let padding: AxisValues
  let paddingAfter: AxisValues?
  let dilation: AxisValues
  let groups: Int
  let hasBias: Bool

  /// Creates a convolution.
  ///
  /// - Parameters:
  ///   - kernel: The kernel's extent along each axis.
  ///   - channels: The number of output channels.
  ///   - stride: The step of the window along each axis.
  ///   - padding: The zeros before the map along each axis, and after it too.
  ///   - paddingAfter: The zeros after the map, where they differ from those before it.
  ///   - dilation: The distance of the kernel's taps along each axis.
  ///   - groups: The number of groups that channels are divided into, each convolved by itself.
  ///   - bias: Whether a bias is added.
  public init(
    _ kernel: AxisValues, channels: Int, stride: AxisValues = 1, padding: AxisValues = 0,
    paddingAfter: AxisValues? = nil, dilation: AxisValues = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.kernel = kernel
    outputChannels = channels
    self.stride = stride
    self.padding = padding
    self.paddingAfter = paddingAfter
    self.dilation = dilation
    self.groups = groups
    hasBias = bias
  }
}

extension Convolution {
  /// The geometry that the engine works with.
  ///
  /// - Throws: `ShapeError` if the kernel does not fit the padded input, or a number is not one
  ///   that a convolution can have.
  func geometry(input: Shape, batchSize: Int) throws(ShapeError) -> ConvolutionGeometry {
    let axes = input.spatial.count
    guard axes > 0 else {
      throw ShapeError("a convolution needs an input with spatial axes, not a vector")
    }
    let before = try padding.expanded(axes: axes, of: "padding")
    do {
      return try ConvolutionGeometry(
        batchSize: batchSize, inputChannels: input.channels, outputChannels: outputChannels,
        groups: groups, inputExtent: Extent3(input.spatial, fill: 1),
        kernelExtent: Extent3(try kernel.expanded(axes: axes, of: "kernel"), fill: 1),
        stride: Extent3(try stride.expanded(axes: axes, of: "stride"), fill: 1),
        paddingBefore: Extent3(before, fill: 0),
        paddingAfter: Extent3(
          try paddingAfter?.expanded(axes: axes, of: "padding") ?? before, fill: 0),
        dilation: Extent3(try dilation.expanded(axes: axes, of: "dilation"), fill: 1))
    } catch let error as ShapeError {
      throw error
    } catch {
      throw ShapeError("\(error)")
    }
  }

  /// The most input channels: the geometry that a map is sketched with has their square.
  static let largestInputChannels = (1 << 24) - 1

  /// The geometry of a node that the builder has accepted.
  func geometry(_ shapes: NodeShapes) -> ConvolutionGeometry {
    do {
      return try geometry(input: shapes.inputs[0], batchSize: shapes.batchSize)
    } catch {
      preconditionFailure("the builder accepted this convolution: \(error.reason)")
    }
  }
}
