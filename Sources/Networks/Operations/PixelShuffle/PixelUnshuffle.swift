import Kernels

/// Blocks of pixels that become channels: the inverse of `PixelShuffle`; keeps nothing.
public struct PixelUnshuffle: NetworkOperation {
  private let factor: AxisValues

  /// Creates an unshuffle.
  ///
  /// - Parameter factor: The block's extent along each axis; it divides the map's.
  public init(_ factor: AxisValues) {
    self.factor = factor
  }

  /// The kind `pixelunshuffle`.
  public var kind: String { "pixelunshuffle" }

  /// The map with every extent over its factor, and as many more channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    let factors = try PixelBlock(factor, input: input)
    for (extent, factor) in zip(input.spatial, factors.factors) where extent % factor != 0 {
      throw ShapeError("its \(extent) pixels do not divide into blocks of \(factor)")
    }
    // No overflow: as many elements as the input has.
    return Shape(
      spatial: zip(input.spatial, factors.factors).map { $0 / $1 },
      channels: input.channels * factors.volume)
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

  /// Moves the pixels of every block to its channels.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.unshufflePixels(
      PixelBlock.geometry(
        coarse: pass.shapes.output, fine: pass.shapes.inputs[0], batchSize: pass.shapes.batchSize),
      fine: pass.inputs[0], into: pass.output.unwrapped, accumulate: false)
  }

  /// Moves the gradient back.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.shufflePixels(
      PixelBlock.geometry(
        coarse: pass.shapes.output, fine: pass.shapes.inputs[0], batchSize: pass.shapes.batchSize),
      coarse: pass.outputGradient.unwrapped, into: destination.memory,
      accumulate: destination.accumulate)
  }
}
