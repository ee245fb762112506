import Kernels

/// An activation function of every element; ReLU and leaky ReLU are `ReLU`, the one with trained
/// slopes is `ParametricReLU`.
///
/// What it keeps depends on the function. Clipped ones keep a bit an element, or their output where
/// that is there anyway; ELU, sigmoid and tanh keep their output; the smooth ones their input, from
/// which alone the derivative follows. Neither is taken in a few bits: the derivative is not linear
/// in them, so that a rounding without bias would bias the gradient.
public struct Activation: NetworkOperation {
  /// The function.
  public let function: ActivationFunction

  /// Creates an activation.
  ///
  /// - Parameter function: The function, such as `.silu` or `.elu(alpha: 1)`.
  public init(_ function: ActivationFunction) {
    self.function = function
  }
}

extension Activation {
  /// The function's usual short name.
  public var kind: String { function.kind }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    if let obstacle = function.obstacle { throw ShapeError(obstacle) }
    return try onlyInput(inputs)
  }

  /// A few an element; an exponential, a logarithm or a division counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    function.forwardFLOPs * shapes.outputElementCount
  }

  /// Two values as large as the output and, backward, what is kept.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    let value = shapes.output.byteCount(batchSize: shapes.batchSize)
    guard case .backward(_, let residuals) = pass else { return 2 * value }
    return residuals.reduce(2 * value) {
      $0 + $1.byteCount(of: shapes.output, batchSize: shapes.batchSize)
    }
  }

  /// The output or the input; of a clipped function's output a bit an element does.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    switch function.derivativeSource {
    case .input: [ResidualNeed(.input(0))]
    case .output:
      [
        ResidualNeed(
          .output, accepted: function.clipping == nil ? [.whole] : [.whole, .signMask])
      ]
    }
  }

  /// Where the derivative of a clipped function is not 0.
  ///
  /// The mask is a representation of the output, as a rectifier's, and no residual of the operation's
  /// own: where a reader needs the output whole it is kept once for both, and no bit is written.
  public var outputMask: MaskContent? {
    function.clipping.map { .between(lower: $0.lower, upper: $0.upper) }
  }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Whether the function is nowhere below 0.
  public var isNeverNegative: Bool { function.isNeverNegative }

  /// All of them keep to the side of 0, but for bounds below it.
  public var keepsNonNegative: Bool {
    if case .clipped(_, let upper) = function { return upper >= 0 }
    return true
  }

  /// Takes the function of every element.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.activate(
      function, input: pass.inputs[0], output: pass.output.unwrapped,
      count: pass.shapes.outputElementCount, mask: pass.signMask, sketching: pass.sketching)
  }

  /// Multiplies the gradient by the derivative.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let source: ResidualNeed.Source = function.derivativeSource == .input ? .input(0) : .output
    let residual = pass.residual(source)
    if let clipping = function.clipping, residual.representation == .signMask {
      unsafe pass.engine.clippedBackward(
        mask: residual.memory.assumingMemoryBound(to: UInt8.self), derivative: clipping.derivative,
        outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
        count: pass.shapes.outputElementCount, accumulate: destination.accumulate)
    } else {
      unsafe pass.engine.activateBackward(
        function, residual: residual.floats, outputGradient: pass.outputGradient.unwrapped,
        inputGradient: destination.memory, count: pass.shapes.outputElementCount,
        accumulate: destination.accumulate)
    }
  }
}
