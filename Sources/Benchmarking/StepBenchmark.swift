import Calibration
import Comparisons
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// Times whole training steps: forward, backward and the update.
///
/// Under several strategies a step of each is made in turn, so that whatever slows the machine for a
/// while slows all of them.
public struct StepBenchmark: Sendable {
  /// The network.
  public let network: Network
  /// The strategies with their steps, full storage first; no two are the same.
  public let steps: [StrategyStep]
  /// The number of samples of a step.
  public let batchSize: Int
  /// How the memory of a step is laid out.
  public let arrangement: MemoryArrangement
  /// Runs the kernels.
  public let engine: Engine
  /// The seconds that the steps of each strategy are timed for.
  public let seconds: Double
  /// The seed of starting values.
  public let seed: UInt64
  /// The most bytes that all strategies together hold at once, forecast.
  public let forecastByteCount: Int

  private static let leastStepCount = 5

  /// Plans the steps of a benchmark; takes no memory for tensors yet.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - strategies: The strategies; full storage is added where it is missing.
  ///   - batchSize: The number of samples of a step.
  ///   - arrangement: How the memory of a step is laid out.
  ///   - engine: Runs the kernels.
  ///   - seconds: The seconds that the steps of each strategy are timed for; at least five are,
  ///     however long they take.
  ///   - seed: The seed of starting values.
  /// - Throws: `ScheduleError` if a strategy does not fit the network.
  public init(
    _ network: Network, strategies: [Strategy] = [.full], batchSize: Int,
    arrangement: MemoryArrangement = .blocks, engine: Engine, seconds: Double, seed: UInt64
  ) throws(ScheduleError) {
    self.network = network
    var steps: [StrategyStep] = []
    for strategy in [.full] + strategies where !steps.contains(where: { $0.strategy == strategy }) {
      steps.append(
        try StrategyStep(
          planning: strategy, for: network, batchSize: batchSize,
          threadCount: engine.threadCount))
    }
    self.steps = steps
    self.batchSize = batchSize
    self.arrangement = arrangement
    self.engine = engine
    self.seconds = seconds
    self.seed = seed
    let baseline = BaselineMemory(
      network: network, batchSize: batchSize,
      optimizer: ComparisonSettings().optimizer)
    let peaks = steps.map { Forecast($0.step, baseline: baseline).peakByteCount }
    // Only one strategy is in a step at a time; of the others stands what stands between steps.
    forecastByteCount = (peaks.max() ?? 0) + (peaks.count - 1) * baseline.bytes.total
  }

  /// Runs one step of each strategy that is not counted but checked against its forecast, then those
  /// that are, on made-up images.
  ///
  /// - Returns: What each strategy takes, full storage first.
  /// - Throws: What `StrategyRun` throws.
  public func run() throws -> [StepTiming] {
    let runs = try checkedRuns()
    var samples = [[ElapsedSeconds]](repeating: [], count: runs.count)
    try roundsOfSteps { index in
      let step = Stopwatch()
      _ = try runs[index].trainer.step()
      samples[index].append(step.elapsed)
    }
    return zip(runs, samples).map { run, own in
      StepTiming(
        model: network.name, strategy: "\(run.strategy)", batchSize: batchSize,
        threadCount: engine.threadCount, instructionSet: engine.instructionSet, samples: own,
        fullSamples: samples[0],
        activationPeakByteCount: run.trainer.forecast.activationPeakByteCount,
        recomputedFLOPsFraction: run.trainer.trainingStep.recomputedFLOPsFraction)
    }
  }

  /// Runs of all strategies, on made-up images, after a step that was checked against its forecast.
  func checkedRuns() throws -> [StrategyRun] {
    try steps.map { planned in
      let run = try StrategyRun(
        planned,
        settings: ComparisonSettings(
          batchSize: batchSize, seed: seed, arrangement: arrangement), engine: engine)
      run.trainer.batch.fillWithMadeUpImages(for: network)
      try run.step()
      return run
    }
  }

  /// Lets the strategies take turns for the time that their steps are asked to take.
  func roundsOfSteps(_ step: (Int) throws -> Void) rethrows {
    try takeTurns(
      steps.count, seconds: seconds * Double(steps.count),
      leastRoundCount: Self.leastStepCount, step)
  }
}
