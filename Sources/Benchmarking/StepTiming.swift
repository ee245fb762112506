import Comparisons
import Kernels

/// How fast a training step ran: a row of `steps.csv`.
public struct StepTiming: Sendable {
  /// The network.
  public let model: String
  /// The number of samples.
  public let batchSize: Int
  /// The number of threads.
  public let threadCount: Int
  /// The instruction set.
  public let instructionSet: InstructionSet
  /// The seconds of every step, in order.
  public let seconds: [Double]

  /// The median of the seconds of a step.
  public var medianSeconds: Double { median(seconds) }

  /// The shortest time of a step.
  public var fastestSeconds: Double { seconds.min() ?? .nan }
}
