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
  /// The strategies, full storage first; no two are the same.
  public let strategies: [Strategy]
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

  private static let leastStepCount = 5

  /// Creates a benchmark; takes no memory yet.
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
  public init(
    _ network: Network, strategies: [Strategy] = [.full], batchSize: Int,
    arrangement: MemoryArrangement = .blocks, engine: Engine, seconds: Double, seed: UInt64
  ) {
    self.network = network
    self.strategies = strategies.reduce(into: [.full]) { distinct, strategy in
      if !distinct.contains(strategy) { distinct.append(strategy) }
    }
    self.batchSize = batchSize
    self.arrangement = arrangement
    self.engine = engine
    self.seconds = seconds
    self.seed = seed
  }

  /// The most bytes that all strategies together hold at once, forecast.
  ///
  /// - Throws: `ScheduleError` if the network cannot be scheduled.
  public func forecastByteCount() throws -> Int {
    let baseline = BaselineMemory(
      network: network, batchSize: batchSize,
      optimizer: ComparisonSettings().optimizer)
    let peaks = try strategies.map { strategy in
      let step = try Step.training(
        network, strategy: strategy, batchSize: batchSize, threadCount: engine.threadCount)
      return Forecast(step, baseline: baseline).peakByteCount
    }
    // Only one strategy is in a step at a time; of the others stands what stands between steps.
    return (peaks.max() ?? 0) + (peaks.count - 1) * baseline.bytes.total
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
    try strategies.map { strategy in
      let run = try StrategyRun(
        network, strategy: strategy,
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
      strategies.count, seconds: seconds * Double(strategies.count),
      leastRoundCount: Self.leastStepCount, step)
  }
}
