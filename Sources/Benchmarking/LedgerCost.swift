import Comparisons
import Kernels
import MemoryLedger
import Networks
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
    let schedule = try Schedule.training(
      network, strategy: .full, batchSize: batchSize, threadCount: engine.threadCount)
    let trainers = try [true, false].map { isRecording in
      try Trainer(
        schedule: schedule, engine: engine, optimizer: .sgd(),
        ledger: Ledger(
          ownerNames: network.nodes.map(\.name), limits: MemoryLimits(), eventCapacity: 0,
          isRecording: isRecording), seed: 0)
    }
    for trainer in trainers { _ = try trainer.step() }
    var ratios: [Double] = []
    let watch = Stopwatch()
    while watch.seconds < seconds || ratios.count < 20 {
      // Who goes first changes, so that neither always finds the caches as the other left them.
      let order = ratios.count.isMultiple(of: 2) ? [0, 1] : [1, 0]
      var times = [0.0, 0.0]
      for index in order {
        let step = Stopwatch()
        _ = try trainers[index].step()
        times[index] = step.seconds
      }
      ratios.append(times[0] / times[1])
    }
    ratio = median(ratios)
    pairCount = ratios.count
  }
}
