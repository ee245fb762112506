/// The shape of one sample of a value: its spatial axes and its channels.
///
/// In memory a value is a batch of samples with the channels innermost: (batch, spatial…, channels),
/// 32-bit floats.
public struct Shape: Hashable, Sendable {
  /// The extents of the spatial axes, the outermost first: none for a vector, up to three.
  public let spatial: [Int]
  /// The number of channels.
  public let channels: Int

  /// Creates a shape.
  public init(spatial: [Int], channels: Int) {
    self.spatial = spatial
    self.channels = channels
  }

  /// Creates the shape of a map, such as `Shape(28, 28, channels: 1)`.
  public init(_ spatial: Int..., channels: Int) {
    self.init(spatial: spatial, channels: channels)
  }

  /// The number of pixels of a map; 1 for a vector.
  public var pixelCount: Int { spatial.reduce(1, *) }

  /// The number of floats of one sample.
  public var elementCount: Int { pixelCount * channels }

  /// The bytes of a whole batch.
  public func byteCount(batchSize: Int) -> Int {
    batchSize * elementCount * MemoryLayout<Float>.stride
  }
}

extension Shape: CustomStringConvertible {
  /// The extents, channels last, as in `28x28x32`.
  public var description: String {
    (spatial + [channels]).map(String.init).joined(separator: "x")
  }
}

extension Shape {
  /// The most floats that one sample of any value may have.
  ///
  /// Far above any network, and what kernels can number along one axis.
  static let largestElementCount = Int(Int32.max)

  /// Whether all extents are positive and the sample is not larger than any that can be handled.
  var isValid: Bool {
    guard spatial.count <= 3 else { return false }
    var count = 1
    for extent in spatial + [channels] {
      guard extent > 0 else { return false }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Shape.largestElementCount else { return false }
      count = product
    }
    return true
  }
}
