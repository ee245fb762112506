import Files
import Networks
import Schedules

/// A schedule that cannot be made: the strategy and the network, batch or budget do not go together.
public struct ScheduleError: DescribedFailure, Hashable {
  /// One sentence: what was wrong and what would be right.
  public let description: String
  /// Wrong usage, or a budget that nothing fits.
  public let category: FailureCategory

  /// Creates an error.
  public init(_ description: String, category: FailureCategory = .wrongUsage) {
    self.description = description
    self.category = category
  }
}

extension Schedule {
  /// The schedule of a training step, from a strategy.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - strategy: What decides how activations are kept.
  ///   - batchSize: The number of samples; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for.
  /// - Returns: The schedule.
  /// - Throws: `ScheduleError` if the strategy does not fit the network or the batch size is out of
  ///   range.
  public static func training(
    _ network: Network, strategy: Strategy, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Schedule {
    try check(batchSize: batchSize, of: network)
    try strategy.checkParts(of: network, batchSize: batchSize)
    let partBatchSize = batchSize / strategy.partCount
    let plan = try strategy.plan(
      for: network, batchSize: partBatchSize, threadCount: threadCount)
    var assembler = ScheduleAssembler(
      network: network, batchSize: partBatchSize, threadCount: threadCount, plan: plan)
    return assembler.assemble(mode: .training, partCount: strategy.partCount)
  }

  /// The schedule of inference: the forward passes alone, nothing held.
  ///
  /// - Throws: `ScheduleError` if the batch size is out of range.
  public static func inference(
    _ network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Schedule {
    try check(batchSize: batchSize, of: network)
    let plan = Plan(
      passes: network.nodes.map { .forward($0.id) },
      representations: network.residualReads.map { $0.map { _ in .whole } })
    var assembler = ScheduleAssembler(
      network: network, batchSize: batchSize, threadCount: threadCount, plan: plan)
    return assembler.assemble(mode: .inference)
  }

  private static func check(batchSize: Int, of network: Network) throws(ScheduleError) {
    guard (1...1_000_000).contains(batchSize) else {
      throw ScheduleError("a batch of \(batchSize) must have from 1 to 1000000 samples")
    }
  }
}
