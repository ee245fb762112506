import Kernels

/// The rectifier y = x where x > 0 and slope·x elsewhere; the slope is 0 unless told otherwise.
///
/// The derivative at 0 is the slope.
public struct ReLU: NetworkOperation {
  let negativeSlope: Float

  /// Creates a rectifier.
  public init() {
    negativeSlope = 0
  }

  /// Creates a leaky rectifier.
  ///
  /// - Parameter negativeSlope: The slope below 0. It must not be negative: the backward pass tells
  ///   the two sides apart by the sign of the output.
  public init(negativeSlope: Float) {
    self.negativeSlope = negativeSlope
  }
}

extension ReLU {
  /// The kind `relu`.
  public var kind: String { "relu" }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard negativeSlope >= 0, negativeSlope.isFinite else {
      throw ShapeError(
        "the slope \(negativeSlope) of a rectifier must be 0 or above, and finite")
    }
    return try onlyInput(inputs)
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// The sign of the output: the values will do, and so will one bit an element.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.output, accepted: [.whole, .signMask])]
  }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// The slope below 0.
  public var rectifierSlope: Float? { negativeSlope }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Rectifies the input.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.rectify(
      input: pass.inputs[0], output: pass.output.unwrapped,
      count: pass.shapes.outputElementCount, negativeSlope: negativeSlope, mask: pass.signMask,
      sketching: pass.sketching)
  }

  /// Passes the gradient where the output is positive, and the slope's share of it elsewhere.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let residual = pass.residual(.output)
    switch residual.representation {
    case .signMask:
      unsafe pass.engine.rectifyBackward(
        mask: residual.memory.assumingMemoryBound(to: UInt8.self),
        outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
        count: pass.shapes.outputElementCount, negativeSlope: negativeSlope,
        accumulate: destination.accumulate)
    default:
      unsafe pass.engine.rectifyBackward(
        output: residual.floats, outputGradient: pass.outputGradient.unwrapped,
        inputGradient: destination.memory, count: pass.shapes.outputElementCount,
        negativeSlope: negativeSlope, accumulate: destination.accumulate)
    }
  }
}
