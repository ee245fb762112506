import Networks
import Schedules

/// A training step together with the strategy that it was planned for.
///
/// A step is planned once and then handed on: what forecasts it, runs it and reports on it has the same
/// one. There is no other way to be sure that it is the same, nor a cheaper one: planning for
/// `optimal` takes seconds.
public struct StrategyStep: Sendable {
  /// The strategy.
  public let strategy: Strategy
  /// The step.
  public let step: Step

  /// Plans a step.
  ///
  /// - Parameters:
  ///   - strategy: What decides how activations are kept.
  ///   - network: The network.
  ///   - batchSize: The number of samples; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for; from 1 to 4096.
  /// - Throws: What `Step.training` throws.
  public init(
    planning strategy: Strategy, for network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) {
    self.init(
      strategy,
      step: try .training(
        network, strategy: strategy, batchSize: batchSize, threadCount: threadCount))
  }

  /// Names a step that was planned already.
  public init(_ strategy: Strategy, step: Step) {
    self.strategy = strategy
    self.step = step
  }
}
