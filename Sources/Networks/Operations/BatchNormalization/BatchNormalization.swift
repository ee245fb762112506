import Kernels

/// Batch normalisation: y = γ·(x − mean)/√(variance + ε) + β, by channel.
///
/// In training mean and biased variance are those of the batch, and the running statistics move
/// towards the batch's mean and unbiased variance; in inference the running ones are used (Ioffe
/// and Szegedy 2015, arXiv 1502.03167; conventions as in PyTorch). Its parameters are `gamma` and
/// `beta`, its statistics `running_mean` and `running_var`.
public struct BatchNormalization: NetworkOperation {
  let epsilon: Float
  let momentum: Float
  let isFrozen: Bool

  /// Creates a batch normalisation.
  ///
  /// - Parameters:
  ///   - epsilon: Added to the variance.
  ///   - momentum: The share of the batch's statistics in the new running ones.
  ///   - frozen: Whether training uses the running statistics too, and leaves them as they are.
  public init(epsilon: Float = 1e-5, momentum: Float = 0.1, frozen: Bool = false) {
    self.epsilon = epsilon
    self.momentum = momentum
    isFrozen = frozen
  }
}

extension BatchNormalization {
  /// The kind `bn`.
  public var kind: String { "bn" }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard epsilon > 0, epsilon.isFinite else {
      throw ShapeError("epsilon \(epsilon) must be positive and finite")
    }
    guard (0...1).contains(momentum) else {
      throw ShapeError("momentum \(momentum) must be between 0 and 1")
    }
    return try onlyInput(inputs)
  }

  /// The scale `gamma` and the offset `beta`.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    vectors([("gamma", .scale, 1), ("beta", .shift, 0)], inputs)
  }

  /// `running_mean` and `running_var`.
  public func runningStatistics(for inputs: [Shape]) -> [ParameterDescription] {
    vectors([("running_mean", .statistic, 0), ("running_var", .statistic, 1)], inputs)
  }

  private func vectors(
    _ entries: [(name: String, role: ParameterDescription.Role, start: Float)], _ inputs: [Shape]
  ) -> [ParameterDescription] {
    guard let channels = inputs.first?.channels else { return [] }
    return entries.map {
      ParameterDescription(
        name: $0.name, shape: [channels], layout: .vector, role: $0.role,
        initializer: .constant($0.start))
    }
  }

  /// About seven an element: three for the statistics, four for the result.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 7 * shapes.outputElementCount }

  /// The input twice and the output; backward the input and the output's gradient twice, and the
  /// input's gradient.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    (pass == .forward ? 3 : 5) * shapes.output.byteCount(batchSize: shapes.batchSize)
  }

  /// The batch's statistics, and the input where a gradient depends on it.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    let statistics = ResidualNeed(.own(0))
    return readsInput(for: demand)
      ? [ResidualNeed(.input(0), accepted: [.whole, .quantized]), statistics] : [statistics]
  }

  /// Mean and biased variance of every channel, as the forward pass used them.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    [
      OwnResidual(
        name: "statistics",
        byteCount: 2 * shapes.inputs[0].channels * MemoryLayout<Float>.stride, isOptional: false)
    ]
  }

  /// Frozen: with the running statistics.
  public var withFixedStatistics: any NetworkOperation {
    BatchNormalization(epsilon: epsilon, momentum: momentum, frozen: true)
  }

  /// They have statistics in common, unless those are frozen.
  public var mixesSamples: Bool { !isFrozen }

  /// One value a channel, unless the statistics are frozen.
  public func trainingObstacle(_ shapes: NodeShapes) -> String? {
    isFrozen
      ? nil
      : normalizationObstacle(
        valueCount: shapes.batchSize * shapes.output.pixelCount, group: "channel", shapes)
  }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }
}
