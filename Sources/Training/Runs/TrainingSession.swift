import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules

/// A training from its first step to its last epoch, which can stop at any action and go on later.
///
/// All that the weights depend on is in the settings, the data and a checkpoint: a training that was
/// interrupted and resumed ends with the bits of one that was not, with any number of threads.
public final class TrainingSession {
  /// What is told while a training runs.
  public enum Progress: Sendable {
    /// So many of so many steps of an epoch are done; with the means of the epoch so far.
    case step(epoch: Int, done: Int, of: Int, score: Evaluator.Score, samplesPerSecond: Double)
    /// The test of an epoch begins.
    case testing(epoch: Int)
    /// An epoch and its test are done.
    case epoch(EpochMetrics)
  }

  /// How a run ended.
  public enum Outcome: Sendable {
    /// All epochs are done.
    case finished
    /// It was asked to stop; between two steps, with nothing lost.
    case interrupted
  }

  /// How the network is trained.
  public let settings: TrainingSettings
  /// The samples.
  public let data: any TrainingData
  /// What makes the steps.
  public var trainer: Trainer { loop.trainer }
  /// What the epochs that are done came to.
  public internal(set) var metrics: [EpochMetrics] = []

  /// The variances that a budget of `trace` is shared out by since the last epoch; none before.
  var variances: [NodeID: Double] = [:]
  /// The sums over the steps of the epoch that is under way.
  var totals = StepTotals()

  private let loop: TrainingLoop
  private let batches: BatchSource
  private let evaluator: Evaluator

  /// Prepares a training and takes the memory that stands between steps.
  ///
  /// - Parameters:
  ///   - network: The network, which must take the data's samples.
  ///   - data: The samples.
  ///   - settings: How the network is trained.
  ///   - engine: Runs the kernels.
  ///   - limits: Limits that the ledger enforces.
  /// - Throws: `DataMismatch` if the network does not take the data, `BatchSizeError` if they have
  ///   fewer samples than a batch, `OptimizationSpellingError` if the warm-up is not shorter than the
  ///   training, and what `Trainer` throws.
  public convenience init(
    _ network: Network, data: any TrainingData, settings: TrainingSettings, engine: Engine,
    limits: MemoryLimits = MemoryLimits()
  ) throws {
    try self.init(
      step: .training(
        network, strategy: settings.strategy, batchSize: settings.batchSize,
        threadCount: engine.threadCount),
      data: data, settings: settings, engine: engine, limits: limits)
  }

  /// Prepares a training with a step that was planned already.
  ///
  /// - Parameters:
  ///   - step: The step of the settings' strategy and batch.
  ///   - data: The samples.
  ///   - settings: How the network is trained.
  ///   - engine: Runs the kernels, with the number of threads that the step was made for.
  ///   - limits: Limits that the ledger enforces.
  /// - Throws: As without a step, but `ScheduleError`.
  public init(
    step: Step, data: any TrainingData, settings: TrainingSettings, engine: Engine,
    limits: MemoryLimits = MemoryLimits()
  ) throws {
    try data.requireFit(step.network)
    try settings.schedule.requireFit(epochCount: settings.epochCount)
    self.settings = settings
    self.data = data
    let batches = try BatchSource(data, batchSize: settings.batchSize, seed: settings.seed)
    self.batches = batches
    loop = TrainingLoop(
      try Trainer(
        step: step, engine: engine, optimizer: settings.optimizer,
        ledger: Ledger(for: step.network, limits: limits), seed: settings.seed),
      batches: batches,
      rate: { settings.learningRate(ofStep: $0, stepsPerEpoch: batches.batchesPerEpoch) })
    evaluator = Evaluator(engine: engine)
  }

  /// The steps of an epoch.
  public var stepsPerEpoch: Int { batches.batchesPerEpoch }

  /// Trains until all epochs are done, or until it is asked to stop.
  ///
  /// - Parameters:
  ///   - path: Where a checkpoint is written at the beginning, after each epoch and when the training
  ///     is asked to stop; nil writes none.
  ///   - shouldStop: Asked before every action; true ends the run.
  ///   - progress: Is told how far the training is.
  /// - Returns: Whether all epochs are done.
  /// - Throws: `StepError` if a step came to nothing, such as by a loss that is not finite, and
  ///   `FileFailure` if a checkpoint cannot be written; the last checkpoint stays then.
  public func run(
    savingTo path: String? = nil, shouldStop: () -> Bool = { false },
    progress: (Progress) throws -> Void = { _ in }
  ) throws -> Outcome {
    if let path, trainer.stepCount == 0 { try save(to: path) }
    do {
      while metrics.count < settings.epochCount {
        try runEpoch(shouldStop: shouldStop, progress: progress)
        if let path { try save(to: path) }
        if let last = metrics.last { try progress(.epoch(last)) }
      }
      return .finished
    } catch StepError.interrupted {
      if let path { try save(to: path) }
      return .interrupted
    }
  }

  /// Makes what is left of an epoch's steps, and its test.
  private func runEpoch(
    shouldStop: () -> Bool, progress: (Progress) throws -> Void
  ) throws {
    let epoch = metrics.count + 1
    while totals.stepCount < stepsPerEpoch {
      try step(shouldStop: shouldStop)
      try progress(
        .step(
          epoch: epoch, done: totals.stepCount, of: stepsPerEpoch, score: score,
          samplesPerSecond: Double(totals.sampleCount) / totals.seconds))
    }
    try progress(.testing(epoch: epoch))
    let test = try trainer.withAverages {
      try evaluator.evaluate(
        trainer.store, on: data, batchSize: settings.batchSize, shouldStop: shouldStop)
    }
    try shareOutBudget()
    metrics.append(
      EpochMetrics(
        epoch: epoch, stepCount: trainer.stepCount,
        learningRate: settings.learningRate(
          ofStep: trainer.stepCount - 1, stepsPerEpoch: stepsPerEpoch), training: score,
        test: test, seconds: totals.seconds, sampleCount: totals.sampleCount,
        peakByteCount: totals.peakByteCount))
    totals = StepTotals()
  }

  /// Shares out the bytes of `trace:SIZE` anew, by what the first batch of the next epoch tells.
  ///
  /// It is not asked whether to stop: an epoch's end is one moment for a checkpoint.
  private func shareOutBudget() throws {
    guard case .trace(let trace) = settings.strategy.approximation, case .bytes = trace.amount
    else { return }
    batches.fill(trainer.batch, step: trainer.stepCount)
    variances = try trainer.measuredSketchVariances()
    try followVariances()
  }

  /// Makes the strategy share out its budget by the variances that were measured.
  func followVariances() throws {
    guard !variances.isEmpty else { return }
    try trainer.follow(settings.strategy.replanned(from: variances))
  }

  private var score: Evaluator.Score { totals.score(labelCount: trainer.network.labelCount) }

  private func step(shouldStop: () -> Bool) throws {
    let step = try loop.step(shouldStop: shouldStop)
    totals.add(
      step.result.report, sampleCount: settings.batchSize,
      seconds: step.seconds + step.fillSeconds)
    totals.peakByteCount = max(totals.peakByteCount, step.memory.globalPeak)
  }
}
