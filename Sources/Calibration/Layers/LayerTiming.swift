import Kernels

/// How fast one direction of a layer ran: a row of `bench.csv`.
public struct LayerTiming: Sendable {
  /// The layer.
  public let layer: BenchmarkLayer
  /// The pass.
  public let direction: ConvolutionDirection
  /// The number of threads.
  public let threadCount: Int
  /// The instruction set.
  public let instructionSet: InstructionSet
  /// The seconds of one pass in every sample, in the order in which they were taken.
  public let samples: [ElapsedSeconds]
  /// The machine's limits, measured in the same run with the same threads.
  public let roofline: Roofline

  /// The median of the seconds of one pass.
  public var medianSeconds: Double { samples.medianWall }

  /// The median of the processor time that a thread takes for one pass.
  public var medianProcessorSeconds: Double { samples.medianProcessor }

  /// The rate of arithmetic of the median pass, taps on the padding included.
  public var gigaFLOPs: Double {
    Double(layer.geometry.floatingPointOperations) / medianSeconds / 1e9
  }

  /// The rate that the machine allows.
  public var limitGigaFLOPs: Double { roofline.limitGigaFLOPs(of: layer.geometry) }

  /// The rate as a share of the limit.
  ///
  /// It may be a little above 1 where memory is the limit: a pass that only reads is faster than a
  /// triad, which also writes.
  public var limitFraction: Double { gigaFLOPs / limitGigaFLOPs }

  /// The bytes of scratch that the pass works in.
  public var scratchByteCount: Int {
    layer.geometry.scratchByteCount(direction, threadCount: threadCount)
  }
}
