import Files
import MemoryLedger
import Networks

/// What a step did.
public struct StepResult: Sendable {
  /// The weighted sum of all losses, and the predictions of the network's main loss.
  public let report: LossReport
  /// What each loss reported, in the order of the network's losses.
  public let losses: [LossResult]
  /// For every action, what stood in memory while it ran, by category.
  public let timeline: [CategoryBytes]
  /// For every action, how long it took.
  public let actionSeconds: [Double]
  /// The bytes in category `activations` when the forward pass had ended, of the run that had most.
  public let savedByteCount: Int
}

/// What one loss of a network came to.
public struct LossResult: Hashable, Sendable {
  /// The name of the layer.
  public let name: String
  /// What it counts for in the sum that is trained.
  public let weight: Float
  /// What it reported, without its weight.
  public let report: LossReport
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
  /// A batch has a label that is no class of the loss that reads it.
  case label(layer: String, label: Int, position: Int, classCount: Int)
  /// Values could not be written to a file or read back.
  case spilling(FileFailure)

  /// One sentence, or the report of the budget.
  public var description: String {
    switch self {
    case .budget(let error): "\(error)"
    case .nonFiniteLoss(let loss):
      // Some processors give a sign to what is not a number, which would only puzzle readers.
      "the loss is \(loss.isNaN ? "not a number" : "infinite"); lower the learning rate or check the data"
    case .interrupted: "the step was interrupted"
    case .notInvertible(let layer, let reason): "\(layer): \(reason)"
    case .label(let layer, let label, let position, let classCount):
      "\(layer): label \(position) of the batch is \(label); the classes are 0 to \(classCount - 1)"
    case .spilling(let error): "\(error)"
    }
  }
}
