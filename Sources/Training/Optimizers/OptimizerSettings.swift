/// How gradients move parameters: the rule and its numbers, as in PyTorch.
public struct OptimizerSettings: Hashable, Sendable {
  /// The rule that a step follows, with the numbers that are its own.
  public enum Rule: Hashable, Sendable {
    /// Stochastic gradient descent: v ← momentum·v + g, then w ← w − learningRate·v; v starts at 0.
    case sgd(momentum: Float)
    /// Adam (Kingma and Ba 2014, arXiv 1412.6980): means of gradients and of their squares, which
    /// decay by these factors a step; epsilon is added to the root that is divided by.
    case adam(firstDecay: Double, secondDecay: Double, epsilon: Double)
  }

  /// The rule.
  public var rule: Rule
  /// The length of a step.
  public var learningRate: Float
  /// The share of a parameter that is added to its gradient, under either rule.
  public var weightDecay: Float

  /// Stochastic gradient descent with momentum.
  public static func sgd(
    learningRate: Float = 0.05, momentum: Float = 0.9, weightDecay: Float = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      rule: .sgd(momentum: momentum), learningRate: learningRate, weightDecay: weightDecay)
  }

  /// Adam.
  public static func adam(
    learningRate: Float = 0.001, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Float = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      rule: .adam(firstDecay: firstDecay, secondDecay: secondDecay, epsilon: epsilon),
      learningRate: learningRate, weightDecay: weightDecay)
  }

  /// How many numbers the rule keeps for each parameter: the velocity, or two means.
  public var stateCount: Int {
    switch rule {
    case .sgd: 1
    case .adam: 2
    }
  }
}
