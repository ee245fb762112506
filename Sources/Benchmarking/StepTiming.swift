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
  public let samples: [ElapsedSeconds]

  /// The median of the seconds of a step.
  public var medianSeconds: Double { median(samples.map(\.wall)) }

  /// The median of the processor time of a step, a thread's share of it.
  public var medianProcessorSeconds: Double {
    median(samples.map(\.processor)) / Double(threadCount)
  }
}
