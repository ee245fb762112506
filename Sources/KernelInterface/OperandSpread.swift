/// How the second of two values is spread over the first, a map (batch, pixels, channels).
public enum OperandSpread: Hashable, Sendable {
  /// It has an element for each of the first.
  case elements
  /// It has one for each channel of each sample: (batch, channels).
  case channels
  /// It has one for each pixel: (batch, pixels).
  case pixels
}

/// A batch of maps: samples, pixels of a sample and channels of a pixel.
public struct MapExtent: Hashable, Sendable {
  /// The number of samples.
  public let batch: Int
  /// The pixels of a sample.
  public let pixels: Int
  /// The channels of a pixel.
  public let channels: Int

  /// Creates an extent.
  public init(batch: Int, pixels: Int, channels: Int) {
    self.batch = batch
    self.pixels = pixels
    self.channels = channels
  }

  /// The number of elements.
  public var elementCount: Int { batch * pixels * channels }
}
