import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// How many samples are enough to learn something about a network, and few enough to do so at once.
enum TrialBatch {
  /// How long a step may take.
  private static let stepSeconds = 0.1
  /// The most memory that may be taken.
  private static let mostByteCount = 512 << 20

  /// The fewest samples of a step that every layer learns from.
  static func leastSampleCount(for network: Network) -> Int {
    network.learns(fromBatchOf: 1) ? 1 : 2
  }

  /// The step of full storage of as many samples of a batch as run in a tenth of a second, at the rates
  /// that are assumed of machines, and in at most 512 MiB: the same number everywhere.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The most samples.
  ///   - engine: Runs the kernels.
  /// - Returns: The step; nil if a single sample takes too much memory.
  /// - Throws: `ScheduleError` if the batch size is out of range.
  static func step(
    for network: Network, batchSize: Int, engine: Engine
  ) throws(ScheduleError) -> Step? {
    func step(_ count: Int) throws(ScheduleError) -> Step {
      try .training(
        network, strategy: .full, batchSize: count, threadCount: engine.threadCount)
    }
    func takesTooMuch(_ step: Step) -> Bool {
      let baseline = BaselineMemory(
        network: network, batchSize: step.batchSize, optimizer: .sgd())
      return Forecast(step, baseline: baseline).peakByteCount > mostByteCount
    }
    let rates = MachineRates.assumed(threadCount: engine.threadCount)
    // A normalisation may learn nothing from a single sample.
    let least = leastSampleCount(for: network)
    let each =
      StepCosts(network, batchSize: least, rates: rates).seconds(of: try step(least))
      / Double(least)
    var trial = try step(
      max(least, min(batchSize, max(engine.threadCount, Int(stepSeconds / each)))))
    while takesTooMuch(trial) {
      guard trial.batchSize > least else { return nil }
      trial = try step(max(least, trial.batchSize / 2))
    }
    return trial
  }
}
