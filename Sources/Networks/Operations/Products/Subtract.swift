import Kernels

/// The difference of two values: of the same shape, a map less a vector with a number for each of its
/// channels, or a map less one with a single channel; keeps nothing.
public struct Subtract: NetworkOperation {
  /// Creates a difference.
  public init() {}

  /// The kind `subtract`.
  public var kind: String { "subtract" }

  /// The shape of the first input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try spreadShape(inputs)
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Both inputs and the output; backward their gradients, the output's twice.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    let inputs = shapes.inputs.reduce(0) { $0 + $1.byteCount(batchSize: shapes.batchSize) }
    let output = shapes.output.byteCount(batchSize: shapes.batchSize)
    return pass == .forward ? inputs + output : inputs + 2 * output
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// The first input, and the second if it is as large.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] {
    shapes.operandSpread == .elements ? [0, 1] : [0]
  }

  /// The output's gradient, if both inputs are as large: either may be the one that takes it over.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage {
    shapes.operandSpread == .elements ? .outputGradient : .none
  }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Subtracts the second input from the first.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.combine(
      .subtract, pass.inputs[0], pass.inputs[1], spread: pass.shapes.operandSpread,
      over: pass.shapes.outputExtent, into: pass.output.unwrapped, sketching: pass.sketching)
  }

  /// Hands the gradient on to the first input and its negative to the second, whose gradient may lie
  /// where the output's is and so comes last.
  public func backward(_ pass: BackwardPass) {
    let gradient = unsafe pass.outputGradient.unwrapped
    if let destination = pass.inputGradients[0] {
      if destination.accumulate {
        unsafe pass.engine.accumulate(
          gradient, into: destination.memory, count: pass.shapes.outputElementCount)
      } else if unsafe UnsafePointer(destination.memory) != gradient {
        unsafe pass.engine.copy(
          gradient, into: destination.memory, count: pass.shapes.outputElementCount)
      }
    }
    if let destination = pass.inputGradients[1] {
      unsafe pass.engine.combineBackward(
        gradient, with: nil, spread: pass.shapes.operandSpread, over: pass.shapes.outputExtent,
        into: destination.memory, accumulate: destination.accumulate)
    }
  }
}
