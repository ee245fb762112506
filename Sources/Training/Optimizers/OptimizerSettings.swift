import Networks

/// How gradients move parameters: the rule and its numbers.
public struct OptimizerSettings: Hashable, Sendable {
  /// The rule that a step follows, with the numbers that are its own.
  public enum Rule: Hashable, Sendable {
    /// Stochastic gradient descent with momentum.
    case sgd(MomentumRule)
    /// Adam, AMSGrad or AdamW.
    case adam(AdamRule)
    /// RMSprop, as in PyTorch or as in TensorFlow.
    case rmsProp(RMSPropRule)

    /// What the rule does.
    var implementation: any UpdateRule {
      switch self {
      case .sgd(let rule): rule
      case .adam(let rule): rule
      case .rmsProp(let rule): rule
      }
    }
  }

  /// The rule.
  public var rule: Rule
  /// The length of a step.
  public var learningRate: Float
  /// How parameters shrink.
  public var weightDecay: WeightDecay
  /// The moving average of parameters that is kept beside them; nil keeps none.
  public var average: WeightAverage?

  /// Creates settings.
  public init(
    _ rule: Rule, learningRate: Float, weightDecay: WeightDecay = 0,
    average: WeightAverage? = nil
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.average = average
  }

  /// Stochastic gradient descent with momentum.
  public static func sgd(
    learningRate: Float = 0.05, momentum: Float = 0.9, dampening: Float = 0,
    nesterov: Bool = false, weightDecay: WeightDecay = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      .sgd(MomentumRule(momentum: momentum, dampening: dampening, nesterov: nesterov)),
      learningRate: learningRate, weightDecay: weightDecay)
  }

  /// Adam; what decays is added to the gradient.
  public static func adam(
    learningRate: Float = 0.001, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: WeightDecay = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      .adam(
        AdamRule(
          firstDecay: firstDecay, secondDecay: secondDecay, epsilon: epsilon, amsgrad: amsgrad)),
      learningRate: learningRate, weightDecay: weightDecay)
  }

  /// AdamW: Adam whose parameters decay apart from their gradients.
  public static func adamW(
    learningRate: Float = 0.001, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: WeightDecay = 0.01
  ) -> OptimizerSettings {
    OptimizerSettings(
      .adam(
        AdamRule(
          firstDecay: firstDecay, secondDecay: secondDecay, epsilon: epsilon, amsgrad: amsgrad,
          decouplesDecay: true)),
      learningRate: learningRate, weightDecay: weightDecay)
  }

  /// RMSprop; its rule says in which spelling.
  public static func rmsProp(
    _ rule: RMSPropRule = RMSPropRule(), learningRate: Float = 0.01, weightDecay: WeightDecay = 0
  ) -> OptimizerSettings {
    OptimizerSettings(.rmsProp(rule), learningRate: learningRate, weightDecay: weightDecay)
  }

  /// How many numbers the rule keeps for each parameter.
  public var stateCount: Int { rule.implementation.startingStates.count }
}

/// The share of a parameter that decays in a step, and which parameters do.
public struct WeightDecay: Hashable, Sendable {
  /// The share; what it is of is the rule's.
  public var share: Float
  /// The roles of the parameters that decay.
  public var roles: Set<ParameterDescription.Role>

  /// Creates a decay of parameters of some roles; all decay unless told otherwise.
  public init(
    _ share: Float,
    of roles: Set<ParameterDescription.Role> = Set(ParameterDescription.Role.allCases)
  ) {
    self.share = share
    self.roles = roles
  }

  /// The share of a parameter that decays: 0 if its role is none of those that do.
  func share(of parameter: ParameterDescription) -> Float {
    roles.contains(parameter.role) ? share : 0
  }
}

extension WeightDecay: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A decay of all parameters.
  public init(floatLiteral value: Float) { self.init(value) }

  /// A decay of all parameters.
  public init(integerLiteral value: Int) { self.init(Float(value)) }
}
