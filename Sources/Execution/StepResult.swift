import Files
import MemoryLedger
import Networks

/// What a step did.
public struct StepResult: Sendable {
  /// Loss and number of right predictions.
  public let report: LossReport
  /// For every action, what stood in memory while it ran, by category.
  public let timeline: [CategoryBytes]
  /// For every action, how long it took.
  public let actionSeconds: [Double]
  /// The bytes in category `activations` when the forward pass had ended, of the run that had most.
  public let savedByteCount: Int
}

/// Why a step came to nothing; parameters, statistics and the ledger are as before.
public enum StepError: Error, CustomStringConvertible {
  /// A block could not be had.
  case budget(MemoryBudgetExceeded)
  /// The loss is infinite or not a number.
  case nonFiniteLoss(Float)
  /// The step was asked to stop.
  case interrupted
  /// The input of a layer cannot be recovered from its output.
  case notInvertible(layer: String, reason: String)
  /// Values could not be written to a file or read back.
  case spilling(FileFailure)

  /// One sentence, or the report of the budget.
  public var description: String {
    switch self {
    case .budget(let error): "\(error)"
    case .nonFiniteLoss(let loss):
      "the loss is \(loss); lower the learning rate or check the data"
    case .interrupted: "the step was interrupted"
    case .notInvertible(let layer, let reason): "\(layer): \(reason)"
    case .spilling(let error): "\(error)"
    }
  }
}
