import Kernels

/// The product of two values: of the same shape, a map times a vector with a factor for each of its
/// channels (as squeeze-and-excitation scales channels), or a map times one with a single channel.
///
/// It keeps both: each is the other's derivative.
public struct Multiply: NetworkOperation {
  /// Creates a product.
  public init() {}

  /// The kind `multiply`.
  public var kind: String { "multiply" }

  /// The shape of the first input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try spreadShape(inputs)
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Both inputs and the output; backward both inputs, their gradients, and the output's twice.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    let inputs = shapes.inputs.reduce(0) { $0 + $1.byteCount(batchSize: shapes.batchSize) }
    let output = shapes.output.byteCount(batchSize: shapes.batchSize)
    return pass == .forward ? inputs + output : 2 * inputs + 2 * output
  }

  /// For the gradient of each input the other.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [0, 1].filter { demand.inputs.contains(1 - $0) }.map { ResidualNeed(.input($0)) }
  }

  /// The first input, and the second if it is as large.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] {
    shapes.operandSpread == .elements ? [0, 1] : [0]
  }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Multiplies the inputs.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.combine(
      .multiply, pass.inputs[0], pass.inputs[1], spread: pass.shapes.operandSpread,
      over: pass.shapes.outputExtent, into: pass.output.unwrapped, sketching: pass.sketching)
  }

  /// Multiplies the gradient by each input for the other, and adds up what was spread.
  public func backward(_ pass: BackwardPass) {
    let gradient = unsafe pass.outputGradient.unwrapped
    let spread = pass.shapes.operandSpread
    if let destination = pass.inputGradients[0] {
      unsafe pass.engine.combine(
        .multiply, gradient, pass.residual(.input(1)).floats, spread: spread,
        over: pass.shapes.outputExtent, into: destination.memory,
        accumulate: destination.accumulate)
    }
    if let destination = pass.inputGradients[1] {
      unsafe pass.engine.combineBackward(
        gradient, with: pass.residual(.input(0)).floats, spread: spread,
        over: pass.shapes.outputExtent,
        into: destination.memory, accumulate: destination.accumulate)
    }
  }
}
