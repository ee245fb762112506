import Execution
import MemoryLedger

/// The steps of a training, one after the other: each fills the batch, sets the learning rate and moves
/// the parameters, while time and memory are measured.
public final class TrainingLoop {
  /// A step that has been made.
  public struct Step: ~Copyable {
    /// What it did.
    public let result: StepResult
    /// The seconds that it took, without those of filling the batch.
    public let seconds: Double
    /// The seconds that filling the batch took.
    public let fillSeconds: Double

    private let scope: MeasuringScope

    fileprivate init(
      result: StepResult, seconds: Double, fillSeconds: Double, scope: consuming MeasuringScope
    ) {
      self.result = result
      self.seconds = seconds
      self.fillSeconds = fillSeconds
      self.scope = scope
    }

    /// What the ledger saw meanwhile; allocates nothing.
    public var memory: MemoryMeasurement { scope.measurement }

    /// What stood when the total was highest, by owner and category; allocates an array.
    public var standingAtPeak: StandingMemory { scope.standingAtPeak }
  }

  /// What makes the steps.
  public let trainer: Trainer
  /// Where the samples come from; nil where those that are in the batch stay.
  public let batches: BatchSource?
  /// The seconds of all steps that have been made, filling included.
  public private(set) var seconds = 0.0
  /// The loss that was not finite: the parameters are those before that step, and there are no more.
  public private(set) var divergedLoss: Float?

  private let rate: ((_ step: Int) -> Float)?

  /// Creates a loop; takes no memory.
  ///
  /// - Parameters:
  ///   - trainer: What makes the steps.
  ///   - batches: Where the samples come from; nil where those that are in the batch stay.
  ///   - rate: The learning rate of a step, by its number from 0; the optimiser's own if nil.
  public init(
    _ trainer: Trainer, batches: BatchSource? = nil, rate: ((_ step: Int) -> Float)? = nil
  ) {
    self.trainer = trainer
    self.batches = batches
    self.rate = rate
  }

  /// Makes the next step.
  ///
  /// - Parameter shouldStop: Asked before every action; true ends the step.
  /// - Returns: The step, with what was measured.
  /// - Throws: `StepError`; parameters, optimiser and statistics are as before then.
  public func step(shouldStop: () -> Bool = { false }) throws(StepError) -> Step {
    precondition(divergedLoss == nil, "the training has diverged")
    let clock = ContinuousClock()
    let start = clock.now
    batches?.fill(trainer.batch, step: trainer.stepCount)
    if let rate { trainer.optimizer.learningRate = rate(trainer.stepCount) }
    let filled = clock.now
    let scope = trainer.ledger.beginScope()
    let result: StepResult
    do {
      result = try trainer.step(shouldStop: shouldStop)
    } catch {
      if case .nonFiniteLoss(let loss) = error { divergedLoss = loss }
      throw error
    }
    let step = Step(
      result: result, seconds: (clock.now - filled) / .seconds(1),
      fillSeconds: (filled - start) / .seconds(1), scope: scope)
    seconds += step.seconds + step.fillSeconds
    return step
  }
}
