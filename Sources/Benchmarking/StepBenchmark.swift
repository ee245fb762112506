import Comparisons
import Kernels
import MemoryLedger
import Networks
import Schedules
import Training

/// Times whole training steps: forward, backward and the update, under full storage.
public struct StepBenchmark: Sendable {
  /// The network.
  public let network: Network
  /// The number of samples of a step.
  public let batchSize: Int
  /// Runs the kernels.
  public let engine: Engine
  /// The seconds that steps are timed for.
  public let seconds: Double
  /// The seed of starting values.
  public let seed: UInt64

  static let leastStepCount = 5

  /// Creates a benchmark; takes no memory yet.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples of a step.
  ///   - engine: Runs the kernels.
  ///   - seconds: The seconds that steps are timed for; at least five are, however long they take.
  ///   - seed: The seed of starting values.
  public init(
    _ network: Network, batchSize: Int, engine: Engine, seconds: Double, seed: UInt64
  ) {
    self.network = network
    self.batchSize = batchSize
    self.engine = engine
    self.seconds = seconds
    self.seed = seed
  }

  /// The highest bytes of a step, forecast.
  ///
  /// - Throws: `ScheduleError` if the network cannot be scheduled.
  public func forecastByteCount() throws -> Int {
    let schedule = try Schedule.training(
      network, strategy: .full, batchSize: batchSize, threadCount: engine.threadCount)
    let baseline = BaselineMemory(
      network: network, batchSize: batchSize,
      optimizerStateCount: ComparisonSettings().optimizer.stateCount)
    return Forecast(schedule, baseline: baseline).peakByteCount
  }

  /// Runs one step that is not counted but checked against its forecast, then those that are, on made-up images.
  ///
  /// - Throws: What `StrategyRun` throws.
  public func run() throws -> StepTiming {
    let run = try StrategyRun(
      network, strategy: .full, settings: ComparisonSettings(batchSize: batchSize, seed: seed),
      engine: engine)
    let shape = network.inputShape
    let images = Dataset.synthetic(
      height: shape.pixelCount, width: 1, channels: shape.channels,
      // Labels are bytes.
      classCount: min(256, network.classCount), trainingCount: batchSize, testCount: 0)
    run.trainer.batch.fill(0..<batchSize, of: images)
    try run.step()
    var samples: [ElapsedSeconds] = []
    let watch = Stopwatch()
    while watch.seconds < seconds || samples.count < Self.leastStepCount {
      let step = Stopwatch()
      _ = try run.trainer.step()
      samples.append(step.elapsed)
    }
    return StepTiming(
      model: network.name, batchSize: batchSize, threadCount: engine.threadCount,
      instructionSet: engine.instructionSet, samples: samples)
  }
}
