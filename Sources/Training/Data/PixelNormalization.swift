/// How a byte of an image becomes a number: (byte / 255 − mean) / standard deviation.
public struct PixelNormalization: Sendable, Equatable {
  /// The mean of the training images, on the scale from 0 to 1.
  public let mean: Double
  /// The standard deviation of the training images, on the scale from 0 to 1.
  public let standardDeviation: Double

  /// The number of each byte, computed in 64 bits and rounded once.
  let values: [Float]

  /// Creates a normalization; allocates a table of 1 KiB.
  ///
  /// - Parameters:
  ///   - mean: The mean of the training images, on the scale from 0 to 1.
  ///   - standardDeviation: Their standard deviation, greater than 0.
  public init(mean: Double, standardDeviation: Double) {
    precondition(standardDeviation > 0, "a standard deviation must be greater than 0")
    self.mean = mean
    self.standardDeviation = standardDeviation
    values = (0...255).map { Float((Double($0) / 255 - mean) / standardDeviation) }
  }
}
