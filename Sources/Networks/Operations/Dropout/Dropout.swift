import Kernels

/// Dropout: in training every element, map of a channel or whole sample becomes 0 with a probability p,
/// and all others are divided by 1 − p; in inference nothing changes (Srivastava and others 2014; for
/// maps Tompson and others 2015, arXiv 1411.4280).
///
/// Over samples it is drop-connect, or stochastic depth: at the end of a residual connection's body it
/// drops the body for some samples (Huang and others 2016, arXiv 1603.09382; divided as in EfficientNet).
///
/// It keeps nothing: the backward pass draws the same mask again, from the seed that a step gives
/// its node and the elements' numbers alone.
public struct Dropout: NetworkOperation {
  /// What drops out as one.
  public enum Unit: Hashable, Sendable {
    /// Every element on its own.
    case element
    /// All pixels of a channel of a sample together.
    case channel
    /// All elements of a sample together.
    case sample
  }

  let probability: Float
  let unit: Unit

  /// Creates a dropout.
  ///
  /// - Parameters:
  ///   - probability: How probably a unit drops out, from 0 up to but not including 1.
  ///   - unit: What drops out as one.
  public init(_ probability: Float, over unit: Unit = .element) {
    self.probability = probability
    self.unit = unit
  }
}

extension Dropout {
  /// The kind `dropout`, over samples `dropconnect`.
  public var kind: String { unit == .sample ? "dropconnect" : "dropout" }

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

  /// What each map or sample is multiplied by, if those drop out.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    switch unit {
    case .element: 0
    case .channel, .sample: unitCount(shapes) * MemoryLayout<Float>.stride
    }
  }

  /// Lets units of the input drop out.
  public func forward(_ pass: ForwardPass) {
    guard pass.mode == .training else { return pass.copyInput() }
    unsafe dropOut(
      pass.inputs[0], into: pass.output.unwrapped, accumulate: false, pass.shapes, pass.engine,
      seed: pass.seed, scratch: pass.scratch, sketching: pass.sketching)
  }

  /// Lets the gradients of the same units drop out.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe dropOut(
      pass.outputGradient.unwrapped, into: destination.memory, accumulate: destination.accumulate,
      pass.shapes, pass.engine, seed: pass.seed, scratch: pass.scratch, sketching: nil)
  }

  private func unitCount(_ shapes: NodeShapes) -> Int {
    switch unit {
    case .element: shapes.outputElementCount
    case .channel: shapes.batchSize * shapes.output.channels
    case .sample: shapes.batchSize
    }
  }

  private func dropOut(
    _ values: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, accumulate: Bool,
    _ shapes: NodeShapes, _ engine: Engine, seed: UInt64, scratch: UnsafeMutableRawPointer,
    sketching: SampleSketching?
  ) {
    switch unit {
    case .element:
      unsafe engine.dropOut(
        input: values, output: result, count: shapes.outputElementCount, probability: probability,
        seed: seed, accumulate: accumulate, sketching: sketching)
    case .channel, .sample:
      let factors = unsafe engine.dropoutFactors(
        count: unitCount(shapes), probability: probability, seed: seed, scratch: scratch)
      // A sample is like one pixel with all its elements as channels.
      let extent =
        unit == .channel
        ? shapes.outputExtent
        : MapExtent(batch: shapes.batchSize, pixels: 1, channels: shapes.output.elementCount)
      unsafe engine.combine(
        .multiply, values, factors, spread: unit == .channel ? .channels : .pixels, over: extent,
        into: result, accumulate: accumulate, sketching: sketching)
    }
  }
}
