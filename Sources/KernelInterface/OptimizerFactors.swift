/// The numbers of one step of stochastic gradient descent, the same for all elements.
public struct MomentumFactors: Hashable, Sendable {
  /// The learning rate.
  public let learningRate: Float
  /// The share of the velocity that stays.
  public let momentum: Float
  /// The share of the gradient in the velocity.
  public let gradientShare: Float
  /// Whether the step is where the velocity will be, instead of the velocity.
  public let looksAhead: Bool
  /// The share of a parameter that is added to its gradient.
  public let weightDecay: Float

  /// Creates the numbers of one step.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate.
  ///   - momentum: The share of the velocity that stays.
  ///   - gradientShare: The share of the gradient in the velocity.
  ///   - looksAhead: Whether the step is Nesterov's: g + momentum·velocity.
  ///   - weightDecay: The share of a parameter that is added to its gradient.
  public init(
    learningRate: Float, momentum: Float, gradientShare: Float = 1, looksAhead: Bool = false,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.gradientShare = gradientShare
    self.looksAhead = looksAhead
    self.weightDecay = weightDecay
  }
}

/// The numbers of one step of Adam, the same for all elements.
public struct AdamFactors: Hashable, Sendable {
  /// The learning rate over the bias of the first moment.
  public let stepSize: Float
  /// The share of the first moment that stays.
  public let firstDecay: Float
  /// The share of the gradient in the first moment.
  public let firstShare: Float
  /// The share of the second moment that stays.
  public let secondDecay: Float
  /// The share of the squared gradient in the second moment.
  public let secondShare: Float
  /// One over the root of the bias of the second moment.
  public let rootFactor: Float
  /// Added to the root, so that nothing is divided by zero.
  public let epsilon: Float
  /// The share of a parameter that is added to its gradient.
  public let weightDecay: Float
  /// The share of a parameter that stays before it is moved.
  public let parameterShare: Float

  /// Creates the numbers of one step.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate.
  ///   - firstDecay: The share of the first moment that stays, below 1.
  ///   - secondDecay: The share of the second moment that stays, below 1.
  ///   - firstBias: What the first moment lacks: 1 − firstDecay to the power of the step's number.
  ///   - secondBias: The same of the second moment.
  ///   - epsilon: Added to the root of the second moment.
  ///   - weightDecay: The share of a parameter that is added to its gradient.
  ///   - parameterShare: The share of a parameter that stays before it is moved.
  public init(
    learningRate: Float, firstDecay: Double, secondDecay: Double, firstBias: Double,
    secondBias: Double, epsilon: Double, weightDecay: Float, parameterShare: Float = 1
  ) {
    stepSize = Float(Double(learningRate) / firstBias)
    self.firstDecay = Float(firstDecay)
    firstShare = Float(1 - firstDecay)
    self.secondDecay = Float(secondDecay)
    secondShare = Float(1 - secondDecay)
    rootFactor = Float(1 / secondBias.squareRoot())
    self.epsilon = Float(epsilon)
    self.weightDecay = weightDecay
    self.parameterShare = parameterShare
  }
}

/// The numbers of one step of RMSprop, the same for all elements.
public struct RMSPropFactors: Hashable, Sendable {
  /// The share of the mean of squares, and of the mean, that stays.
  public let decay: Float
  /// The share of the squared gradient, and of the gradient, in them.
  public let share: Float
  /// Added to the mean of squares under the root.
  public let innerEpsilon: Float
  /// Added to the root.
  public let outerEpsilon: Float
  /// The share of the velocity that stays.
  public let momentum: Float
  /// The share of the quotient in the velocity.
  public let stepSize: Float
  /// The share of the velocity that a parameter is moved by.
  public let velocitySize: Float
  /// The share of a parameter that is added to its gradient.
  public let weightDecay: Float

  /// Creates the numbers of one step; `share` is what `decay` leaves.
  public init(
    decay: Double, innerEpsilon: Float, outerEpsilon: Float, momentum: Float, stepSize: Float,
    velocitySize: Float, weightDecay: Float
  ) {
    self.decay = Float(decay)
    share = Float(1 - decay)
    self.innerEpsilon = innerEpsilon
    self.outerEpsilon = outerEpsilon
    self.momentum = momentum
    self.stepSize = stepSize
    self.velocitySize = velocitySize
    self.weightDecay = weightDecay
  }
}
