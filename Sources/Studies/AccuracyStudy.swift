import Execution
import Kernels
import Networks
import Planning
import Schedules
import Training

/// Test accuracy by probes and batch size, for the exact method, the published estimator and ours
/// (after Louboutin, Siahkoohi and others, arXiv 2106.06998, table of MNIST accuracies).
public struct AccuracyStudy {
  /// The network.
  public let network: Network
  /// The samples.
  public let data: any TrainingData
  /// Which trainings are made, and how.
  public let settings: StudySettings
  /// All trainings.
  public let cells: [AccuracyCell]
  /// The highest bytes of any step, forecast.
  public let forecastPeakByteCount: Int

  /// Runs the kernels.
  public let engine: Engine

  /// Prepares a study and finds out whether it can be made; takes no memory for tensors.
  ///
  /// - Throws: `DataMismatch`, `BatchSizeError`, `StrategySpellingError` or `ScheduleError` if one of
  ///   the trainings cannot be made.
  public init(
    _ network: Network, data: any TrainingData, settings: StudySettings, engine: Engine
  ) throws {
    try data.requireFit(network)
    self.network = network
    self.data = data
    self.settings = settings
    self.engine = engine
    var cells: [AccuracyCell] = []
    // The smallest batches last: their trainings take as many more steps.
    for batchSize in settings.batchSizes.sorted(by: >) {
      for seed in 0..<UInt64(settings.seedCount) {
        for method in StudyMethod.allCases {
          for probeCount in method == .exact ? [0] : settings.probeCounts {
            cells.append(
              AccuracyCell(
                method: method, probeCount: probeCount, batchSize: batchSize, seed: seed))
          }
        }
      }
    }
    self.cells = cells
    var peak = 0
    for cell in cells where cell.seed == 0 {
      _ = try BatchOrder(
        sampleCount: data.count(of: .training), batchSize: cell.batchSize, arrangement: .fileOrder)
      let schedule = try Schedule.training(
        network, strategy: cell.method.strategy(probeCount: cell.probeCount),
        batchSize: cell.batchSize, threadCount: engine.threadCount)
      let baseline = BaselineMemory(
        network: network, batchSize: cell.batchSize,
        optimizerStateCount: settings.optimizer.stateCount)
      peak = max(peak, Forecast(schedule, baseline: baseline).peakByteCount)
    }
    forecastPeakByteCount = peak
  }

  /// The seconds that a training will about take, from a few steps like its own.
  ///
  /// - Throws: What `Trainer` throws.
  public func estimatedSeconds(of cell: AccuracyCell) throws -> Double {
    var training = try StudyTraining(self, cell, engine: engine)
    return try training.secondsPerStep() * Double(stepCount(of: cell))
  }

  /// Makes one training and its test.
  ///
  /// - Parameters:
  ///   - cell: Which training.
  ///   - shouldStop: Asked before every action; true ends the training, and nothing comes of it.
  ///   - progress: Is told the steps that are done.
  /// - Returns: What the training came to.
  /// - Throws: `StepError` if it was asked to stop, and what `Trainer` throws.
  public func run(
    _ cell: AccuracyCell, shouldStop: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
  ) throws -> AccuracyOutcome {
    var training = try StudyTraining(self, cell, engine: engine)
    var hasDiverged = false
    do {
      while training.trainer.stepCount < stepCount(of: cell) {
        try training.step(shouldStop: shouldStop)
        progress(training.trainer.stepCount)
      }
    } catch StepError.nonFiniteLoss {
      hasDiverged = true
    }
    let trainer = training.trainer
    let score = try Evaluator(engine: engine).evaluate(
      trainer.store, on: data, batchSize: min(256, data.count(of: .test)), shouldStop: shouldStop)
    return AccuracyOutcome(
      cell: cell, stepCount: trainer.stepCount, hasDiverged: hasDiverged,
      testAccuracy: score.accuracy, savedByteCount: trainer.schedule.savedByteCounts.reduce(0, +),
      peakByteCount: trainer.forecast.peakByteCount, seconds: training.seconds)
  }

  /// The steps of a training.
  public func stepCount(of cell: AccuracyCell) -> Int {
    settings.stepCount(
      batchSize: cell.batchSize, sampleCount: data.count(of: .training))
  }
}

/// One training of a study, step by step.
struct StudyTraining {
  let trainer: Trainer
  private(set) var seconds = 0.0
  private var order: BatchOrder
  private let data: any TrainingData

  init(_ study: AccuracyStudy, _ cell: AccuracyCell, engine: Engine) throws {
    try self.init(
      study.network, data: study.data,
      strategy: cell.method.strategy(probeCount: cell.probeCount), batchSize: cell.batchSize,
      optimizer: study.settings.optimizer, seed: cell.seed, engine: engine)
  }

  init(
    _ network: Network, data: any TrainingData, strategy: Strategy, batchSize: Int,
    optimizer: OptimizerSettings, seed: UInt64, engine: Engine
  ) throws {
    self.data = data
    order = try BatchOrder(
      sampleCount: data.count(of: .training), batchSize: batchSize,
      arrangement: .shuffled(seed: seed))
    trainer = try Trainer(
      network, strategy: strategy, batchSize: batchSize, engine: engine, optimizer: optimizer,
      seed: seed)
  }

  mutating func step(shouldStop: () -> Bool) throws {
    let clock = ContinuousClock()
    let start = clock.now
    fillBatch()
    _ = try trainer.step(shouldStop: shouldStop)
    seconds += (clock.now - start) / .seconds(1)
  }

  /// What a step takes, from three of them.
  mutating func secondsPerStep() throws -> Double {
    // The first step finds nothing in the caches.
    try step(shouldStop: { false })
    let before = seconds
    for _ in 0..<2 { try step(shouldStop: { false }) }
    return (seconds - before) / 2
  }

  /// The samples of the next step.
  mutating func nextSamples() -> [Int] { Array(order.batch(trainer.stepCount)) }

  private mutating func fillBatch() {
    trainer.batch.fill(order.batch(trainer.stepCount), of: data)
  }
}
