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

  /// Creates a data set and checks its labels; allocates nothing beyond the arrays that it is given.
  ///
  /// - Parameters:
  ///   - name: The name in reports.
  ///   - provenance: One sentence on what was read, and from where.
  ///   - classCount: The number of classes, which all labels must be below.
  ///   - normalization: How bytes become numbers.
  ///   - training: The images to train with.
  ///   - test: The images to test with, of the same size.
  /// - Throws: `DatasetError` if a label is no class, or if the two parts differ in size.
  public init(
    name: String, provenance: String, classCount: Int, normalization: PixelNormalization,
    training: LabelledImages, test: LabelledImages
  ) throws(DatasetError) {
    guard training.size == test.size else {
      throw DatasetError(
        path: "test images of \(name)",
        problem: .sizeMismatch(
          size: test.size, expected: training.size, otherPath: "training images of \(name)"))
    }
    for (part, images) in [("training", training), ("test", test)] {
      guard let item = images.labels.firstIndex(where: { $0 >= classCount }) else { continue }
      throw DatasetError(
        path: "\(part) images of \(name)",
        problem: .labelOutOfRange(
          label: Int(images.labels[item]), item: item, classCount: classCount))
    }
    self.init(
      unchecked: name, provenance: provenance, classCount: classCount,
      normalization: normalization, training: training, test: test)
  }

  /// Creates a data set whose parts have one size, and whose labels are classes.
  init(
    unchecked name: String, provenance: String, classCount: Int,
    normalization: PixelNormalization, training: LabelledImages, test: LabelledImages
  ) {
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
