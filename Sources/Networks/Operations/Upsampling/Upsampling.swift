import Kernels

/// Nearest upsampling: every pixel becomes a block of equal pixels; keeps nothing.
public struct Upsampling: NetworkOperation {
  let factor: AxisValues

  /// Creates an upsampling.
  ///
  /// - Parameter factor: The block's extent along each axis.
  public init(_ factor: AxisValues) {
    self.factor = factor
  }

  /// The kind `up`.
  public var kind: String { "up" }

  /// The map with every extent times its factor.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard !input.spatial.isEmpty else {
      throw ShapeError("upsampling needs an input with spatial axes, not a vector")
    }
    let factors = try factor.expanded(axes: input.spatial.count, of: "factor")
    var extents: [Int] = []
    for (extent, factor) in zip(input.spatial, factors) {
      let (product, overflow) = extent.multipliedReportingOverflow(by: factor)
      guard factor >= 1, !overflow else {
        throw ShapeError("its factor \(factor) must be at least 1, and not larger than any map")
      }
      extents.append(product)
    }
    return Shape(spatial: extents, channels: input.channels)
  }

  /// None: it only copies.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Copies each pixel to its block.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.upsample(
      geometry(pass.shapes), input: pass.inputs[0], output: pass.output.unwrapped)
  }

  /// Adds up the gradients of each pixel's block.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.upsampleBackward(
      geometry(pass.shapes), outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination.memory, accumulate: destination.accumulate)
  }

  private func geometry(_ shapes: NodeShapes) -> UpsamplingGeometry {
    let input = shapes.inputs[0]
    return UpsamplingGeometry(
      batchSize: shapes.batchSize, channels: input.channels,
      inputExtent: Extent3(input.spatial, fill: 1),
      factor: Extent3(zip(shapes.output.spatial, input.spatial).map { $0 / $1 }, fill: 1))
  }
}
