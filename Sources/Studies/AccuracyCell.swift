/// One training of the study of accuracy.
public struct AccuracyCell: Hashable, Sendable {
  /// How weight gradients are computed.
  public let method: StudyMethod
  /// The number of probes; 0 for the exact method.
  public let probeCount: Int
  /// The number of samples of a step.
  public let batchSize: Int
  /// The seed of starting values, of the order of samples and of sketches.
  public let seed: UInt64

  /// Creates a cell.
  public init(method: StudyMethod, probeCount: Int, batchSize: Int, seed: UInt64) {
    self.method = method
    self.probeCount = probeCount
    self.batchSize = batchSize
    self.seed = seed
  }
}

/// What one training of the study of accuracy came to.
public struct AccuracyOutcome: Hashable, Sendable {
  /// Which training.
  public let cell: AccuracyCell
  /// The steps that were made; fewer than asked for where the loss ceased to be finite.
  public let stepCount: Int
  /// Whether the loss ceased to be finite; the parameters are those before that step then.
  public let hasDiverged: Bool
  /// The share of test samples that are told right after the last step.
  public let testAccuracy: Double
  /// The bytes of activations at the end of the forward pass.
  public let savedByteCount: Int
  /// The highest bytes of all categories in a step.
  public let peakByteCount: Int
  /// The seconds that the steps took.
  public let seconds: Double

  /// Creates an outcome, such as one that was read from a file.
  public init(
    cell: AccuracyCell, stepCount: Int, hasDiverged: Bool, testAccuracy: Double,
    savedByteCount: Int, peakByteCount: Int, seconds: Double
  ) {
    self.cell = cell
    self.stepCount = stepCount
    self.hasDiverged = hasDiverged
    self.testAccuracy = testAccuracy
    self.savedByteCount = savedByteCount
    self.peakByteCount = peakByteCount
    self.seconds = seconds
  }
}
