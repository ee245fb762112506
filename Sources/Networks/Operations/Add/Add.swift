import Kernels

/// The sum of two values of the same shape; keeps nothing.
public struct Add: NetworkOperation {
  /// Creates a sum.
  public init() {}

  /// The kind `add`.
  public var kind: String { "add" }

  /// The shape that both inputs have.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2 else {
      throw ShapeError("add reads two values, not \(inputs.count)")
    }
    guard inputs[0] == inputs[1] else {
      throw ShapeError("it cannot add values of different shapes, \(inputs[0]) and \(inputs[1])")
    }
    return inputs[0]
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// Either input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0, 1] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// The forward pass.
  public func fusesRectifier(for demand: GradientDemand) -> Set<PassKind> { [.forward] }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Adds the inputs.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.add(
      pass.inputs[0], pass.inputs[1], into: pass.output.unwrapped,
      count: pass.shapes.outputElementCount, negativeSlope: pass.rectifierSlope,
      mask: pass.signMask, sketching: pass.sketching)
  }

  /// Hands the gradient on to both inputs.
  public func backward(_ pass: BackwardPass) {
    let source = unsafe pass.outputGradient.unwrapped
    for index in pass.inputGradients.indices {
      guard let destination = pass.inputGradients[index] else { continue }
      if destination.accumulate {
        unsafe pass.engine.accumulate(
          source, into: destination.memory, count: pass.shapes.outputElementCount)
      } else if unsafe UnsafePointer(destination.memory) != source {
        unsafe pass.engine.copy(
          source, into: destination.memory, count: pass.shapes.outputElementCount)
      }
    }
  }
}
