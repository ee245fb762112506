import Calibration
import Comparisons
import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// What the ledger's bookkeeping adds to a training step.
public struct LedgerCost: Sendable {
  /// The median over pairs of steps, one with bookkeeping and one without, of the ratio of times.
  public let ratio: Double
  /// The number of pairs.
  public let pairCount: Int

  /// Trains one network twice, with and without bookkeeping, a step of each in turn.
  ///
  /// Takes the memory of two trainers.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples of a step.
  ///   - engine: Runs the kernels.
  ///   - seconds: The seconds that pairs are timed for; at least 20 are.
  /// - Throws: `ScheduleError`, `LedgerError`, `MemoryBudgetExceeded` or `StepError` if a step cannot
  ///   be run.
  public init(_ network: Network, batchSize: Int, engine: Engine, seconds: Double) throws {
    let step = try Step.training(
      network, strategy: .full, batchSize: batchSize, threadCount: engine.threadCount)
    let trainers = try [true, false].map { isRecording in
      try Trainer(
        step: step, engine: engine, optimizer: .sgd(),
        ledger: Ledger(
          ownerNames: network.nodes.map(\.name), limits: MemoryLimits(), eventCapacity: 0,
          isRecording: isRecording), seed: 0)
    }
    for trainer in trainers { _ = try trainer.step() }
    var times = [[Double]](repeating: [], count: trainers.count)
    try takeTurns(trainers.count, seconds: seconds, leastRoundCount: 20) { index in
      let watch = Stopwatch()
      _ = try trainers[index].step()
      times[index].append(watch.seconds)
    }
    ratio = median(zip(times[0], times[1]).map { $0 / $1 })
    pairCount = times[0].count
  }
}
