import Schedules
import Training

/// How strategies are compared with one another.
public struct ComparisonSettings: Sendable {
  /// The number of images of a step.
  public var batchSize: Int
  /// The number of training steps of each strategy.
  public var stepCount: Int
  /// The seed of starting values, of the order of images and of everything random in a step.
  public var seed: UInt64
  /// The optimiser's settings.
  public var optimizer: OptimizerSettings
  /// Whether a step's memory lies in blocks of the allocator or in one slab.
  public var arrangement: MemoryArrangement

  /// Creates settings.
  ///
  /// The learning rate is one that training survives with the noisy gradients of few probes too: at
  /// 0.05 they make vgg8 diverge.
  public init(
    batchSize: Int = 64, stepCount: Int = 200, seed: UInt64 = 0,
    optimizer: OptimizerSettings = .sgd(learningRate: 0.01),
    arrangement: MemoryArrangement = .blocks
  ) {
    self.batchSize = batchSize
    self.stepCount = stepCount
    self.seed = seed
    self.optimizer = optimizer
    self.arrangement = arrangement
  }
}
