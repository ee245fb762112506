import Execution
import Files
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// Trains one network under several strategies in turn and measures what each costs.
///
/// In every round each strategy makes one step on the same images, so that whatever slows the
/// machine for a while slows all of them. Full storage is always among them: the others are
/// measured against it.
public struct Comparison {
  /// What is told while a comparison runs.
  public enum Progress: Sendable {
    /// This many of so many training rounds are done.
    case training(done: Int, of: Int)
    /// A strategy's parameters are about to be evaluated on the test images.
    case evaluating(strategy: String)
    /// A strategy is about to run in a process of its own.
    case measuringProcess(strategy: String)
  }

  /// Runs a strategy in a process of its own and returns that process's highest resident bytes.
  public typealias ProcessPeak = (Strategy) throws -> Int

  /// The network.
  public let network: Network
  /// The strategies with their steps, full storage first; no two are the same.
  public let steps: [StrategyStep]
  /// Batch size, number of steps and the like.
  public let settings: ComparisonSettings
  /// The samples.
  public let data: any TrainingData
  /// The most bytes that all strategies together hold at once, without the images.
  public let forecastPeakByteCount: Int

  private let engine: Engine
  private let batches: BatchSource

  /// Plans a step for each strategy and prepares a comparison of them; takes no memory for tensors.
  ///
  /// - Parameters:
  ///   - network: The network, which must take the data's samples.
  ///   - strategies: The strategies.
  ///   - settings: Batch size, number of steps and the like.
  ///   - data: The samples.
  ///   - engine: Runs the kernels.
  /// - Throws: As with steps, and `ScheduleError` if a strategy does not fit the network.
  public init(
    _ network: Network, strategies: [Strategy], settings: ComparisonSettings,
    data: any TrainingData, engine: Engine
  ) throws {
    var distinct: [Strategy] = []
    for strategy in strategies where !distinct.contains(strategy) { distinct.append(strategy) }
    try self.init(
      network,
      steps: distinct.map {
        try StrategyStep(
          planning: $0, for: network, batchSize: settings.batchSize,
          threadCount: engine.threadCount)
      }, settings: settings, data: data, engine: engine)
  }

  /// Prepares a comparison and finds out whether it can be made; takes no memory for tensors.
  ///
  /// - Parameters:
  ///   - network: The network, which must take the data's samples.
  ///   - steps: The strategies with their steps, for the batch size of the settings and the engine's
  ///     threads; that of full storage is added where it is missing.
  ///   - settings: Batch size, number of steps and the like.
  ///   - data: The samples.
  ///   - engine: Runs the kernels.
  /// - Throws: `DataMismatch` if the network does not take the samples, `BatchSizeError` if the data
  ///   have fewer of them than a batch.
  public init(
    _ network: Network, steps: [StrategyStep], settings: ComparisonSettings,
    data: any TrainingData, engine: Engine
  ) throws {
    precondition(settings.stepCount >= 1, "a comparison needs at least one step")
    try data.requireFit(network)
    self.network = network
    self.settings = settings
    self.data = data
    self.engine = engine
    let full =
      try steps.first { $0.strategy == .full }
      ?? StrategyStep(
        planning: .full, for: network, batchSize: settings.batchSize,
        threadCount: engine.threadCount)
    self.steps = [full] + steps.filter { $0.strategy != .full }
    batches = try BatchSource(data, batchSize: settings.batchSize, seed: settings.seed)
    let baseline = BaselineMemory(
      network: network, batchSize: settings.batchSize,
      optimizer: settings.optimizer)
    let peaks = self.steps.map { Forecast($0.step, baseline: baseline).peakByteCount }
    // Only one strategy is in a step at a time; of the others stands what stands between steps.
    forecastPeakByteCount = (peaks.max() ?? 0) + (peaks.count - 1) * baseline.bytes.total
  }

  /// Runs the comparison.
  ///
  /// - Parameters:
  ///   - processPeak: Runs a strategy in a process of its own.
  ///   - progress: Is told how far the comparison is.
  /// - Returns: One row a strategy, full storage first.
  /// - Throws: `StepError` if a step came to nothing, `AccountMismatch` or `InexactGradient` if a
  ///   promise of this project is broken, and what `processPeak` throws.
  public func run(
    processPeak: ProcessPeak, progress: (Progress) -> Void = { _ in }
  ) throws -> [ComparisonRow] {
    let runs = try steps.map {
      try StrategyRun($0, settings: settings, engine: engine, batches: batches)
    }
    let errors = try train(runs, progress: progress)
    let full = runs[0]
    var rows: [ComparisonRow] = []
    for (run, error) in zip(runs, errors) {
      progress(.evaluating(strategy: "\(run.strategy)"))
      let score = try run.trainer.withAverages {
        try Evaluator(engine: engine).evaluate(
          run.trainer.store, on: data, batchSize: settings.batchSize)
      }
      progress(.measuringProcess(strategy: "\(run.strategy)"))
      let residentBytes = try processPeak(run.strategy)
      rows.append(
        try ComparisonRow(
          dataset: data.name, run: run, full: full, gradientRelativeError: error,
          gradientErrors: try gradientErrors(of: run),
          score: score, processPeakResidentBytes: residentBytes))
    }
    return rows
  }

  /// The errors of estimated gradients at the parameters that a run has ended with.
  private func gradientErrors(of run: StrategyRun) throws -> [LayerGradientError] {
    guard !run.hasDiverged, case .trace = run.strategy.approximation else { return [] }
    let errors = GradientErrors(
      run.trainer.store, batchSize: settings.batchSize, engine: engine, seed: settings.seed)
    return try errors.measure([run.trainer.trainingStep], exact: steps[0].step) { batch, number in
      batches.fill(batch, step: settings.stepCount + number)
    }[0]
  }

  /// Trains all runs in turn and returns the relative errors of their first gradients.
  private func train(
    _ runs: [StrategyRun], progress: (Progress) -> Void
  ) throws -> [Double] {
    var errors: [Double] = []
    for round in 0..<settings.stepCount {
      // Every other round goes backwards, so that no strategy always follows the same one.
      for run in round.isMultiple(of: 2) ? runs : runs.reversed() where !run.hasDiverged {
        try run.step()
      }
      if round == 0 { errors = try runs.map { try Self.checkedError($0, against: runs[0]) } }
      progress(.training(done: round + 1, of: settings.stepCount))
    }
    return errors
  }

  private static func checkedError(
    _ run: StrategyRun, against full: StrategyRun
  ) throws(InexactGradient) -> Double {
    let error = run.trainer.store.gradientRelativeError(to: full.trainer.store)
    guard error <= run.strategy.exactness.largestError else {
      throw InexactGradient(
        network: full.trainer.network.name, strategy: "\(run.strategy)", relativeError: error)
    }
    return error
  }
}

/// The gradients of an exact strategy differ from full storage's, which only a defect can cause.
public struct InexactGradient: DescribedFailure, Equatable {
  /// The network.
  public let network: String
  /// The strategy, as it is spelled.
  public let strategy: String
  /// The relative error of all parameter gradients together.
  public let relativeError: Double

  /// What kind of failure this is: always a defect of this project.
  public var category: FailureCategory { .ownDefect }

  /// One sentence with the error.
  public var description: String {
    "the gradients of \(network) under \(strategy) differ from full storage by \(relativeError), "
      + "and they should not; this is a defect of Tidemark, please report it with the command"
  }
}

extension Exactness {
  /// The relative error above which a promise is broken; the order of sums changes the last bits of
  /// 24 in each.
  fileprivate var largestError: Double {
    switch self {
    case .exact: 0
    case .rounding: 1e-4
    case .estimated: .infinity
    }
  }
}
