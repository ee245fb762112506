import Planning

/// How a network is trained.
public struct TrainingSettings: Sendable {
  /// How activations are kept.
  public var strategy: Strategy
  /// The number of samples of a step.
  public var batchSize: Int
  /// How many times the samples are gone through.
  public var epochCount: Int
  /// The rule that moves parameters, and its numbers.
  public var optimizer: OptimizerSettings
  /// How the learning rate changes in the course of the training.
  public var schedule: LearningRateSchedule
  /// The seed of starting values, of the order of samples and of everything random in a step.
  public var seed: UInt64

  /// Creates settings.
  public init(
    strategy: Strategy = .full, batchSize: Int = 64, epochCount: Int = 1,
    optimizer: OptimizerSettings = .sgd(learningRate: 0.01),
    schedule: LearningRateSchedule = LearningRateSchedule(), seed: UInt64 = 0
  ) {
    self.strategy = strategy
    self.batchSize = batchSize
    self.epochCount = epochCount
    self.optimizer = optimizer
    self.schedule = schedule
    self.seed = seed
  }

  /// The learning rate of a step, by its number from 0 through all epochs.
  func learningRate(ofStep step: Int, stepsPerEpoch: Int) -> Float {
    let factor = schedule.factor(
      step: step, stepsPerEpoch: stepsPerEpoch, epochCount: epochCount)
    return Float(Double(optimizer.learningRate) * factor)
  }
}
