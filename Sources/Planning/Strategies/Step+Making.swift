import Files
import Networks
import Schedules

/// A schedule that cannot be made: the strategy and the network, batch or budget do not go together.
public struct ScheduleError: DescribedFailure, Hashable {
  /// One sentence: what was wrong and what would be right.
  public let description: String
  /// Wrong usage, a budget that nothing fits, or a batch that nothing is learnt from.
  public let category: FailureCategory

  /// Creates an error.
  public init(_ description: String, category: FailureCategory = .wrongUsage) {
    self.description = description
    self.category = category
  }
}

extension Step {
  /// A training step, from a strategy.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - strategy: What decides how activations are kept.
  ///   - batchSize: The number of samples; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for; from 1 to 4096.
  /// - Returns: The step.
  /// - Throws: `ScheduleError` if the strategy does not fit the network, if a number is out of range,
  ///   if sizes cannot be counted, or if a layer would learn nothing from so few samples.
  public static func training(
    _ network: Network, strategy: Strategy, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Step {
    try network.requireStep(batchSize: batchSize, threadCount: threadCount)
    try network.requireLosses()
    try strategy.checkParts(of: network, batchSize: batchSize)
    try network.requireTrainingStep(
      batchSize: batchSize / strategy.partCount, threadCount: threadCount)
    return try step(
      of: network, strategy: strategy, batchSize: batchSize, threadCount: threadCount)
  }

  /// The step that one sample under full storage takes, to tell its bytes from; it may be one from
  /// which a layer would learn nothing.
  ///
  /// - Throws: `ScheduleError` if sizes cannot be counted.
  package static func ofOneSample(
    _ network: Network, threadCount: Int
  ) throws(ScheduleError) -> Step {
    try network.requireStep(batchSize: 1, threadCount: threadCount)
    return try step(of: network, strategy: .full, batchSize: 1, threadCount: threadCount)
  }

  private static func step(
    of network: Network, strategy: Strategy, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Step {
    let partBatchSize = batchSize / strategy.partCount
    return Step(
      try strategy.schedule(
        for: network, batchSize: partBatchSize, threadCount: threadCount),
      runCount: strategy.partCount)
  }

  /// A step of inference: the forward passes alone, nothing held.
  ///
  /// - Throws: `ScheduleError` if a number is out of range or sizes cannot be counted.
  public static func inference(
    _ network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Step {
    try network.requireStep(batchSize: batchSize, threadCount: threadCount)
    let plan = Plan(
      passes: network.nodes.map { .forward($0.id) },
      representations: network.residualReads.map { $0.map { _ in .whole } })
    let facts = MemoryFacts(network, batchSize: batchSize, threadCount: threadCount)
    return Step(Schedule(plan, facts, mode: .inference))
  }
}
