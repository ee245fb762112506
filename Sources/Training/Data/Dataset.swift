/// Images to train with and images to test with.
public struct Dataset: Sendable {
  /// The name in reports, such as `fashion-mnist`.
  public let name: String
  /// One sentence on what was read, and from where.
  public let provenance: String
  /// The number of classes; labels are 0 to one less.
  public let classCount: Int
  /// How bytes become numbers.
  public let normalization: PixelNormalization
  /// The images to train with.
  public let training: LabelledImages
  /// The images to test with, of the same size.
  public let test: LabelledImages

  /// Rows of an image.
  public var height: Int { training.height }
  /// Columns of an image.
  public var width: Int { training.width }
  /// Channels of a pixel.
  public var channels: Int { training.channels }

  /// Creates a data set; allocates nothing beyond the arrays that it is given.
  ///
  /// - Parameters:
  ///   - name: The name in reports.
  ///   - provenance: One sentence on what was read, and from where.
  ///   - classCount: The number of classes, which all labels must be below.
  ///   - normalization: How bytes become numbers.
  ///   - training: The images to train with.
  ///   - test: The images to test with, of the same size.
  public init(
    name: String, provenance: String, classCount: Int, normalization: PixelNormalization,
    training: LabelledImages, test: LabelledImages
  ) {
    precondition(
      (training.height, training.width, training.channels)
        == (test.height, test.width, test.channels), "training and test images differ in size")
    precondition(
      training.labels.allSatisfy { $0 < classCount } && test.labels.allSatisfy { $0 < classCount },
      "a label is not below \(classCount)")
    self.name = name
    self.provenance = provenance
    self.classCount = classCount
    self.normalization = normalization
    self.training = training
    self.test = test
  }
}

// MARK: - Batches

extension Dataset {
  /// Writes images as numbers, and their labels, where a network reads them; allocates nothing.
  ///
  /// - Parameters:
  ///   - indices: Which images of `images`, in the order of the batch.
  ///   - images: `training` or `test` of this data set.
  ///   - pixels: Receives the normalized elements (image, row, column, channel).
  ///   - labels: Receives one class an image.
  public func fill(
    _ indices: some Collection<Int>, of images: LabelledImages,
    pixels: UnsafeMutablePointer<Float>, labels: UnsafeMutablePointer<Int32>
  ) {
    let size = images.elementsPerImage
    let source = images.pixels.span
    let values = normalization.values.span
    for (slot, index) in indices.enumerated() {
      let output = unsafe UnsafeMutableBufferPointer(start: pixels + slot * size, count: size)
      let start = index * size
      for element in 0..<size {
        unsafe output[element] = values[Int(source[start + element])]
      }
      unsafe labels[slot] = Int32(images.labels[index])
    }
  }
}
