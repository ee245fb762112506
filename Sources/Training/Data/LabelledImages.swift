/// Images of one size, a byte an element, and the class of each.
public struct LabelledImages: Sendable {
  /// Rows of an image.
  public let height: Int
  /// Columns of an image.
  public let width: Int
  /// Channels of a pixel.
  public let channels: Int
  /// The elements of all images: (image, row, column, channel), the channel fastest.
  public let pixels: [UInt8]
  /// The class of each image, from 0.
  public let labels: [UInt8]

  /// The number of images.
  public var count: Int { labels.count }

  /// Height, width and channels.
  var size: [Int] { [height, width, channels] }

  /// The number of elements of one image.
  public var elementsPerImage: Int { height * width * channels }

  /// Creates images from their elements.
  ///
  /// - Parameters:
  ///   - height: Rows of an image.
  ///   - width: Columns of an image.
  ///   - channels: Channels of a pixel.
  ///   - pixels: The elements (image, row, column, channel); one image after the other.
  ///   - labels: The class of each image; their number times the size of an image must be the
  ///     number of elements.
  public init(height: Int, width: Int, channels: Int, pixels: [UInt8], labels: [UInt8]) {
    precondition(
      pixels.count == labels.count * height * width * channels,
      "\(pixels.count) elements for \(labels.count) images of \(height)x\(width)x\(channels)")
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
    self.labels = labels
  }
}
