import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// A training run under one strategy, measured step by step.
public final class StrategyRun {
  /// The strategy.
  public let strategy: Strategy
  /// What trains.
  public var trainer: Trainer { loop.trainer }
  /// The seconds that each step took.
  public private(set) var stepSeconds: [Double] = []
  /// The loss of each step; the last one is not finite if the training has diverged.
  public private(set) var losses: [Float] = []
  /// Whether a loss was not finite: the parameters are those before that step.
  public var hasDiverged: Bool { loop.divergedLoss != nil }
  /// For every action of a step, the fewest seconds that it took in any step; empty before one ran.
  public private(set) var actionSeconds: [Double] = []
  /// The memory of the first step; nil before it ran.
  public private(set) var profile: StepProfile?

  private let loop: TrainingLoop

  /// Creates a run and takes the memory that stands between steps.
  ///
  /// - Parameters:
  ///   - planned: The step, for the strategy that it was planned for.
  ///   - settings: Seed, optimiser and where memory lies.
  ///   - engine: Runs the kernels.
  ///   - batches: Where the samples come from; nil where those that are in the batch stay.
  ///   - limits: Limits that the ledger enforces.
  /// - Throws: What `Trainer` throws.
  public init(
    _ planned: StrategyStep, settings: ComparisonSettings, engine: Engine,
    batches: BatchSource? = nil, limits: MemoryLimits = MemoryLimits()
  ) throws {
    strategy = planned.strategy
    loop = TrainingLoop(
      try Trainer(
        step: planned.step, engine: engine, optimizer: settings.optimizer,
        ledger: Ledger(for: planned.step.network, limits: limits),
        arrangement: settings.arrangement, seed: settings.seed), batches: batches)
  }

  /// Makes the next training step and checks the forecast of the step.
  ///
  /// The first step also tells what stood at the peak. All steps do the same, so that
  /// every one must agree with the same forecast. A later step whose loss is not finite is no
  /// error, since estimated gradients can make training diverge; there is nothing to do after it.
  ///
  /// - Throws: `StepError` if the step came to nothing, `AccountMismatch` if forecast and ledger
  ///   disagree.
  public func step() throws {
    do {
      try measuredStep()
    } catch StepError.nonFiniteLoss(let loss) where profile != nil {
      losses.append(loss)
    }
  }

  private func measuredStep() throws {
    let step = try loop.step()
    let result = step.result
    stepSeconds.append(step.seconds)
    losses.append(result.report.loss)
    actionSeconds =
      actionSeconds.isEmpty
      ? result.actionSeconds : zip(actionSeconds, result.actionSeconds).map(min)
    let measured = try StepProfile(
      step: trainer.trainingStep, strategy: "\(strategy)",
      forecast: profile?.forecast ?? trainer.forecast,
      measurement: StepProfile.Measurement(
        timeline: result.timeline, savedByteCount: result.savedByteCount,
        memory: step.memory, standingAtPeak: step.standingAtPeak))
    if profile == nil { profile = measured }
  }
}
