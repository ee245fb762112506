import Networks
import Schedules

/// A point of the curve of memory against time.
public struct TradeOffPoint: Hashable, Sendable {
  /// The highest total of activations, transients and workspace: as a budget of `optimal` it gives
  /// this point.
  public let activationPeakByteCount: Int
  /// The arithmetic of recomputed forward passes over that of one forward pass.
  public let recomputedFLOPsFraction: Double
  /// The forecast time of a step over that of full storage.
  public let timeRatio: Double
}

extension Strategy {
  /// What `optimal` with lower and lower budgets costs for a network, from the smallest feasible
  /// budget to the peak of full storage.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - approximation: How values are kept that can be read inexactly; nil to keep them whole.
  ///   - batchSize: The number of samples; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for.
  /// - Returns: The points, the least memory first; each costs less than the one before.
  /// - Throws: `ScheduleError` if no step of so many samples and threads can be scheduled.
  public static func tradeOff(
    for network: Network, approximation: Approximation? = nil, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> [TradeOffPoint] {
    let steps = try StepPlanner(
      network, approximation: approximation, batchSize: batchSize, threadCount: threadCount,
      name: "optimal"
    ).curve()
    // The last one is full storage.
    let full = steps.last?.seconds ?? 1
    return steps.map { plan in
      TradeOffPoint(
        activationPeakByteCount: plan.activationPeakByteCount,
        recomputedFLOPsFraction: plan.step.recomputedFLOPsFraction,
        timeRatio: plan.seconds / full)
    }
  }
}
