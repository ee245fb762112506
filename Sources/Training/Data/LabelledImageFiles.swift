/// Images and labels that were read from two files and fit each other.
struct LabelledImageFiles {
  /// The images that were kept.
  let images: LabelledImages
  /// The path of the file of images.
  let imagesPath: String
  /// The number of images in words, such as `60000` or `the first 1000 of 60000`.
  let counted: String

  /// Height and width.
  var size: [Int] { [images.height, images.width] }

  /// Reads and checks both files.
  ///
  /// - Throws: `DatasetError` or `FileFailure`.
  init(
    images imageSource: consuming CompressedSource, labels labelSource: consuming CompressedSource,
    limit: Int?, classCount: Int
  ) throws {
    let images = try IDXFile(imageSource, dimensions: 3, limit: limit)
    // Labels are small: all are kept until all have been checked.
    let labels = try IDXFile(labelSource, dimensions: 1, limit: nil)
    guard labels.count == images.count else {
      throw DatasetError(
        path: labels.path,
        problem: .countMismatch(
          labels: labels.count, images: images.count, imagesPath: images.path))
    }
    if let item = labels.bytes.firstIndex(where: { $0 >= classCount }) {
      throw DatasetError(
        path: labels.path,
        problem: .labelOutOfRange(
          label: Int(labels.bytes[item]), item: item, classCount: classCount))
    }
    imagesPath = images.path
    counted =
      images.keptCount < images.count
      ? "the first \(images.keptCount) of \(images.count)" : "\(images.count)"
    self.images = LabelledImages(
      height: images.itemExtents[0], width: images.itemExtents[1], channels: 1,
      pixels: images.bytes, labels: Array(labels.bytes.prefix(images.keptCount)))
  }
}
