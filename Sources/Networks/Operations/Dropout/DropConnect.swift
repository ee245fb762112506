import Kernels

/// Drop-connect, or stochastic depth: in training every sample becomes 0 with a probability p, and all
/// others are divided by 1 − p; in inference nothing changes.
///
/// At the end of a residual connection's body it drops the body for some samples (Huang and others
/// 2016, arXiv 1603.09382; divided as in EfficientNet). It keeps nothing: the backward pass draws the
/// same mask again.
public struct DropConnect: NetworkOperation {
  let probability: Float

  /// Creates a drop-connect.
  ///
  /// - Parameter probability: How probably a sample drops out, from 0 up to but not including 1.
  public init(_ probability: Float) {
    self.probability = probability
  }
}

extension DropConnect {
  /// The kind `dropconnect`.
  public var kind: String { "dropconnect" }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try requireProbability(probability)
    return try onlyInput(inputs)
  }

  /// One an element.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Two values as large as the output.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    2 * shapes.output.byteCount(batchSize: shapes.batchSize)
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// What each sample is multiplied by.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int { shapes.batchSize * MemoryLayout<Float>.stride }

  /// Lets samples drop out.
  public func forward(_ pass: ForwardPass) {
    guard unsafe pass.mode == .training else { return unsafe pass.copyInput() }
    unsafe dropOut(
      pass.inputs[0], into: pass.output.unwrapped, accumulate: false, pass.shapes, pass.engine,
      seed: pass.seed, scratch: pass.scratch, sketching: pass.sketching)
  }

  /// Lets the gradients of the same samples drop out.
  public func backward(_ pass: BackwardPass) {
    guard let destination = unsafe pass.inputGradients[0] else { return }
    unsafe dropOut(
      pass.outputGradient.unwrapped, into: destination.memory, accumulate: destination.accumulate,
      pass.shapes, pass.engine, seed: pass.seed, scratch: pass.scratch, sketching: nil)
  }

  private func dropOut(
    _ values: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, accumulate: Bool,
    _ shapes: NodeShapes, _ engine: Engine, seed: UInt64, scratch: UnsafeMutableRawPointer,
    sketching: SampleSketching?
  ) {
    let factors = unsafe engine.dropoutFactors(
      count: shapes.batchSize, probability: probability, seed: seed, scratch: scratch)
    // A sample is like one pixel with all its elements as channels.
    let samples = MapExtent(
      batch: shapes.batchSize, pixels: 1, channels: shapes.output.elementCount)
    unsafe engine.combine(
      .multiply, values, factors, spread: .pixels, over: samples, into: result,
      accumulate: accumulate, sketching: sketching)
  }
}
