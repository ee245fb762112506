import Calibration
import Kernels

/// How fast a step computed the weight gradient of a layer: a row of `weight_gradients.csv`.
///
/// The gradients of weights and bias count, from the representation in which the backward pass finds the
/// layer's input. What was done before to have that one is not counted: sketching, decoding,
/// recomputing.
public struct WeightGradientTiming: Sendable {
  /// What stands for the layer in the row of all together.
  public static let allLayers = "all"

  /// The network.
  public let model: String
  /// How activations are kept.
  public let strategy: String
  /// The convolution or linear layer, or `allLayers`.
  public let layer: String
  /// The number of samples.
  public let batchSize: Int
  /// The number of threads.
  public let threadCount: Int
  /// The instruction set.
  public let instructionSet: InstructionSet
  /// The seconds of every step, in order; with micro-batches, of all parts together.
  public let samples: [ElapsedSeconds]
  /// Those of full storage, each made beside the one with the same index.
  public let fullSamples: [ElapsedSeconds]

  /// The median of the seconds of a step.
  public var medianSeconds: Double { samples.medianWall }

  /// The median of the processor time that a thread takes in a step.
  public var medianProcessorSeconds: Double { samples.medianProcessor }

  /// The median over all rounds of this strategy's processor time over full storage's.
  ///
  /// Processor time does not count what other programs take meanwhile.
  public var ratioToFull: Double { samples.medianRatio(to: fullSamples) }
}
