import Kernels

/// Channels that become blocks of pixels (Shi and others 2016, arXiv 1609.05158, section 3.2); keeps
/// nothing.
///
/// With factors r along the axes, y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w] for an image.
public struct PixelShuffle: NetworkOperation {
  private let factor: AxisValues

  /// Creates a shuffle.
  ///
  /// - Parameter factor: The block's extent along each axis; their product divides the channels.
  public init(_ factor: AxisValues) {
    self.factor = factor
  }

  /// The kind `pixelshuffle`.
  public var kind: String { "pixelshuffle" }

  /// The map with every extent times its factor, and as many fewer channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    let factors = try PixelBlock(factor, input: input)
    guard input.channels % factors.volume == 0 else {
      throw ShapeError(
        "its \(input.channels) channels do not divide into blocks of \(factors.volume) pixels")
    }
    return Shape(
      spatial: zip(input.spatial, factors.factors).map { $0 * $1 },
      channels: input.channels / factors.volume)
  }

  /// None: it only moves.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Input and output, or their gradients, each once.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    shapes.inputAndOutputByteCount
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Moves the channels of every pixel to its block.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.shufflePixels(
      PixelBlock.geometry(
        coarse: pass.shapes.inputs[0], fine: pass.shapes.output, batchSize: pass.shapes.batchSize),
      coarse: pass.inputs[0], into: pass.output.unwrapped, accumulate: false)
  }

  /// Moves the gradient back.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.unshufflePixels(
      PixelBlock.geometry(
        coarse: pass.shapes.inputs[0], fine: pass.shapes.output, batchSize: pass.shapes.batchSize),
      fine: pass.outputGradient.unwrapped, into: destination.memory,
      accumulate: destination.accumulate)
  }
}
