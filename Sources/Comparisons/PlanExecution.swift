import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// A planned step that ran: forecast against measured.
public struct PlanExecution: Sendable {
  /// The memory of the step; forecast and ledger agree to the byte at every action.
  public let profile: StepProfile
  /// For every action, the fewest seconds that it took in any step.
  public let actionSeconds: [Double]
  /// ‖ĝ − g‖₂ / ‖g‖₂ of the first step against full storage, same weights and batch; nil for a plan
  /// whose gradients are exact, since there is nothing to compare.
  public let gradientRelativeError: Double?
  /// Where the step's memory lay in one slab; nil if it lay in blocks of the allocator.
  public let placement: StepPlacement?

  /// The most that running a planned step takes, with what it is compared with.
  ///
  /// - Parameters:
  ///   - plan: The step.
  ///   - full: The step of full storage.
  ///   - settings: The optimiser.
  /// - Returns: The bytes.
  public static func byteCount(
    of plan: PlannedStep, full: Step, settings: ComparisonSettings
  ) -> Int {
    let baseline = BaselineMemory(
      network: full.network, batchSize: full.batchSize, optimizer: settings.optimizer)
    let own = Forecast(plan.step, baseline: baseline).peakByteCount
    guard plan.expectedGradientError > 0 else { return own }
    return max(own, Forecast(full, baseline: baseline).peakByteCount) + baseline.bytes.total
  }

  /// Runs a planned step on made-up images.
  ///
  /// - Parameters:
  ///   - plan: The step.
  ///   - full: The step of full storage that an error is measured against.
  ///   - name: How reports name it.
  ///   - stepCount: How many times it runs; at least once.
  ///   - settings: Seed and optimiser.
  ///   - engine: Runs the kernels, with the number of threads that the plan was made for.
  /// - Throws: `StepError` if a step came to nothing, `AccountMismatch` if forecast and ledger
  ///   disagree, what `Trainer` throws.
  public init(
    _ plan: PlannedStep, full: Step, named name: String, stepCount: Int,
    settings: ComparisonSettings,
    engine: Engine
  ) throws {
    precondition(stepCount >= 1, "a plan is executed at least once")
    let trainer = try Self.trainer(plan.step, settings, engine)
    let loop = TrainingLoop(trainer)
    var seconds: [Double] = []
    var profile: StepProfile?
    var error: Double?
    for round in 0..<stepCount {
      let made = try loop.step()
      let result = made.result
      let measured = try StepProfile(
        step: plan.step, strategy: name, forecast: trainer.forecast,
        measurement: StepProfile.Measurement(
          timeline: result.timeline, savedByteCount: result.savedByteCount,
          memory: made.memory, standingAtPeak: made.standingAtPeak))
      profile = profile ?? measured
      seconds =
        seconds.isEmpty ? result.actionSeconds : zip(seconds, result.actionSeconds).map(min)
      if round == 0, plan.expectedGradientError > 0 {
        let full = try Self.trainer(full, settings, engine)
        _ = try full.computeGradients()
        error = trainer.store.gradientRelativeError(to: full.store)
      }
    }
    guard let profile else { preconditionFailure("it ran") }
    self.profile = profile
    actionSeconds = seconds
    gradientRelativeError = error
    placement = trainer.placement
  }

  private static func trainer(
    _ step: Step, _ settings: ComparisonSettings, _ engine: Engine
  ) throws -> Trainer {
    let trainer = try Trainer(
      step: step, engine: engine, optimizer: settings.optimizer,
      ledger: Ledger(for: step.network), arrangement: settings.arrangement,
      seed: settings.seed)
    trainer.batch.fillWithMadeUpImages(for: step.network)
    return trainer
  }
}
