import Kernels

/// The rectifier y = x where x > 0 and a·x elsewhere, with trained slopes `a` (He and others 2015,
/// arXiv 1502.01852).
///
/// The derivative at 0 is the slope. It keeps its input: a slope may become negative, so that the
/// output does not tell the two sides apart, and the gradient of the slopes needs the values.
public struct ParametricReLU: NetworkOperation {
  let isPerChannel: Bool
  let initialSlope: Float

  /// Creates a parametric rectifier.
  ///
  /// - Parameters:
  ///   - perChannel: Whether every channel has a slope of its own; else there is a single one.
  ///   - initialSlope: Where the slopes start.
  public init(perChannel: Bool = true, initialSlope: Float = 0.25) {
    isPerChannel = perChannel
    self.initialSlope = initialSlope
  }
}

extension ParametricReLU {
  /// The kind `prelu`.
  public var kind: String { "prelu" }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard initialSlope.isFinite else {
      throw ShapeError("its initial slope \(initialSlope) must be finite")
    }
    return try onlyInput(inputs)
  }

  /// The slopes `a`.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    guard let channels = inputs.first?.channels else { return [] }
    return [
      ParameterDescription(
        name: "a", shape: [slopeCount(channels)], layout: .vector, role: .scale,
        initializer: .constant(initialSlope))
    ]
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Input and output; backward the input and the output's gradient twice, and the input's gradient.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    (pass == .forward ? 2 : 5) * shapes.output.byteCount(batchSize: shapes.batchSize)
  }

  /// The input.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.input(0))]
  }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// The slopes of the channels, and the partial sums of their gradients.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    Engine.parametricRectifierScratchBytes(
      rows: rowCount(shapes), channels: shapes.output.channels, threadCount: threadCount)
  }

  /// Rectifies the input.
  public func forward(_ pass: ForwardPass) {
    let channels = pass.shapes.output.channels
    unsafe pass.engine.rectify(
      input: pass.inputs[0], slopes: pass.parameters[0], slopeCount: slopeCount(channels),
      output: pass.output.unwrapped, rows: rowCount(pass.shapes), channels: channels,
      sketching: pass.sketching, scratch: pass.scratch)
  }

  /// Computes the gradients of the slopes and of the input.
  public func backward(_ pass: BackwardPass) {
    let channels = pass.shapes.output.channels
    let destination = pass.inputGradients[0]
    unsafe pass.engine.rectifyBackward(
      input: pass.residual(.input(0)).floats, slopes: pass.parameters[0],
      slopeCount: slopeCount(channels), outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination?.memory, slopeGradient: pass.parameterGradients[0],
      rows: rowCount(pass.shapes), channels: channels,
      accumulate: destination?.accumulate ?? false,
      accumulateParameters: pass.accumulatesParameterGradients, scratch: pass.scratch)
  }

  private func slopeCount(_ channels: Int) -> Int { isPerChannel ? channels : 1 }

  private func rowCount(_ shapes: NodeShapes) -> Int {
    shapes.batchSize * shapes.output.pixelCount
  }
}
