import Execution
import Kernels
import MemoryLedger
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

  /// The steps of the trainings of the first seed, which those of the others share.
  private let steps: [AccuracyCell: Step]

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
    var steps: [AccuracyCell: Step] = [:]
    var peak = 0
    for cell in cells where cell.seed == 0 {
      _ = try BatchOrder(
        sampleCount: data.count(of: .training), batchSize: cell.batchSize, arrangement: .fileOrder)
      let step = try Step.training(
        network, strategy: cell.method.strategy(probeCount: cell.probeCount),
        batchSize: cell.batchSize, threadCount: engine.threadCount)
      let baseline = BaselineMemory(
        network: network, batchSize: cell.batchSize,
        optimizer: settings.optimizer)
      peak = max(peak, Forecast(step, baseline: baseline).peakByteCount)
      steps[cell] = step
    }
    self.steps = steps
    forecastPeakByteCount = peak
  }

  /// The seconds that a training will about take, from a few steps like its own.
  ///
  /// - Throws: What `Trainer` throws.
  public func estimatedSeconds(of cell: AccuracyCell) throws -> Double {
    try loop(cell).secondsPerStep() * Double(stepCount(of: cell))
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
    let loop = try loop(cell)
    let trainer = loop.trainer
    do {
      while trainer.stepCount < stepCount(of: cell) {
        _ = try loop.step(shouldStop: shouldStop)
        progress(trainer.stepCount)
      }
    } catch {
      // A method under which training diverges is a result too.
      guard loop.divergedLoss != nil else { throw error }
    }
    let score = try trainer.withAverages {
      try Evaluator(engine: engine).evaluate(
        trainer.store, on: data, batchSize: min(256, data.count(of: .test)), shouldStop: shouldStop)
    }
    return AccuracyOutcome(
      cell: cell, stepCount: trainer.stepCount, hasDiverged: loop.divergedLoss != nil,
      testAccuracy: score.accuracy, savedByteCount: trainer.trainingStep.savedByteCount,
      peakByteCount: trainer.forecast.peakByteCount, seconds: loop.seconds)
  }

  /// The training of a cell, before its first step.
  private func loop(_ cell: AccuracyCell) throws -> TrainingLoop {
    let first = AccuracyCell(
      method: cell.method, probeCount: cell.probeCount, batchSize: cell.batchSize, seed: 0)
    guard let step = steps[first] else { preconditionFailure("\(cell) is none of this study") }
    return try TrainingLoop(
      Trainer(
        step: step, engine: engine, optimizer: settings.optimizer, ledger: Ledger(for: network),
        seed: cell.seed),
      batches: BatchSource(data, batchSize: cell.batchSize, seed: cell.seed))
  }

  /// The steps of a training.
  public func stepCount(of cell: AccuracyCell) -> Int {
    settings.stepCount(
      batchSize: cell.batchSize, sampleCount: data.count(of: .training))
  }
}
