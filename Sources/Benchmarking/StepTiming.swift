import Calibration
import Kernels

/// How fast a training step ran: a row of `steps.csv`.
public struct StepTiming: Sendable {
  /// The network.
  public let model: String
  /// How activations are kept.
  public let strategy: String
  /// The number of samples.
  public let batchSize: Int
  /// The number of threads.
  public let threadCount: Int
  /// The instruction set.
  public let instructionSet: InstructionSet
  /// The seconds of every step, in order.
  public let samples: [ElapsedSeconds]
  /// Those of full storage, each made beside the one with the same index.
  public let fullSamples: [ElapsedSeconds]
  /// The highest total of activations, transients and workspace.
  public let activationPeakByteCount: Int
  /// The arithmetic of recomputed forward passes over that of one forward pass.
  public let recomputedFLOPsFraction: Double

  /// The median of the seconds of a step.
  public var medianSeconds: Double { samples.medianWall }

  /// The median of the processor time that a thread takes for a step.
  public var medianProcessorSeconds: Double { samples.medianProcessor }

  /// The median over all rounds of this strategy's processor time over full storage's.
  ///
  /// Processor time does not count what other programs take meanwhile.
  public var ratioToFull: Double { samples.medianRatio(to: fullSamples) }
}
