import Kernels

/// The mean of each whole map: one vector a sample; keeps nothing.
public struct GlobalAveragePooling: NetworkOperation {
  /// Creates a global average-pooling.
  public init() {}

  /// The kind `gap`.
  public var kind: String { "gap" }

  /// A vector of the channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    Shape(channels: try onlyInput(inputs).channels)
  }

  /// One an element of the input.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.inputElementCount }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Averages each map.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.globalAveragePool(
      input: pass.inputs[0], output: pass.output.unwrapped, batch: pass.shapes.batchSize,
      pixels: pass.shapes.inputs[0].pixelCount, channels: pass.shapes.output.channels)
  }

  /// Shares each output's gradient among the map's pixels.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.globalAveragePoolBackward(
      outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
      batch: pass.shapes.batchSize, pixels: pass.shapes.inputs[0].pixelCount,
      channels: pass.shapes.output.channels, accumulate: destination.accumulate)
  }
}
