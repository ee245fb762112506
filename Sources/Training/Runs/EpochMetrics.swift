/// What an epoch of a training came to.
public struct EpochMetrics: Hashable, Sendable {
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The steps since the beginning of the training.
  public let stepCount: Int
  /// The learning rate of the epoch's last step.
  public let learningRate: Float
  /// The mean loss, and the share of right predictions, of the steps as they were made.
  public let training: Evaluator.Score
  /// The same on the samples to test with, after the last step.
  public let test: Evaluator.Score
  /// The seconds that the steps took; tests and files are not counted.
  public let seconds: Double
  /// The number of samples that the epoch's steps saw.
  public let sampleCount: Int
  /// The highest requested bytes of all categories during a step.
  public let peakByteCount: Int

  /// The samples of a second.
  public var samplesPerSecond: Double { Double(sampleCount) / seconds }
}
