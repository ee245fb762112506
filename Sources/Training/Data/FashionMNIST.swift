import CFashionMNIST
import Files

/// Fashion-MNIST: 28×28 grey images of ten kinds of clothing, 60,000 to train and 10,000 to test.
///
/// The images are by Zalando Research (arXiv:1708.07747), under the MIT licence.
public enum FashionMNIST {
  /// Where Debian's package `dataset-fashion-mnist` puts the files.
  public static let debianFolder = "/usr/share/datasets/fashion-mnist"

  /// The names of the four files: training images and labels, test images and labels.
  public static let fileNames = [
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
  ]

  private static let classCount = 10
  private static let normalization = PixelNormalization(mean: 0.2860, standardDeviation: 0.3530)

  /// Reads the images from a folder, from Debian's folder, or from what is part of the program.
  ///
  /// Files are checked as a whole, and only the images that are asked for are kept in memory: 784
  /// bytes each.
  ///
  /// - Parameters:
  ///   - folder: A folder with the four files; nil takes Debian's where it is installed, else the
  ///     bundled 2,000 training and 1,000 test images.
  ///   - trainingLimit: How many training images are kept at most, from the first; nil keeps all.
  ///   - testLimit: How many test images are kept at most, from the first; nil keeps all.
  /// - Returns: The data set; its `provenance` says where it comes from.
  /// - Throws: `DatasetError` or `FileFailure`: one sentence that names the file.
  public static func load(
    folder: String? = nil, trainingLimit: Int? = nil, testLimit: Int? = nil
  ) throws -> Dataset {
    if let folder = folder ?? installedFolder() {
      let paths = try fileNames.map { try path(of: $0, in: folder) }
      return try dataset(
        origin: "from \(folder)", limits: (trainingLimit, testLimit)
      ) { try CompressedSource(path: paths[$0]) }
    }
    return try bundled(trainingLimit: trainingLimit, testLimit: testLimit)
  }

  /// The bundled images: the first 2,000 training and the first 1,000 test images.
  ///
  /// - Parameters:
  ///   - trainingLimit: How many training images are kept at most; nil keeps all.
  ///   - testLimit: How many test images are kept at most; nil keeps all.
  /// - Returns: The data set.
  /// - Throws: Nothing that a test of this project would not have seen.
  static func bundled(trainingLimit: Int? = nil, testLimit: Int? = nil) throws -> Dataset {
    try dataset(
      origin: "bundled with Tidemark, "
        + "since Debian's package dataset-fashion-mnist is not installed",
      limits: (trainingLimit, testLimit)
    ) { index in
      let file = unsafe tidemark_fashion_mnist_file(index)
      let memory = unsafe UnsafeRawBufferPointer(start: file.bytes, count: file.count)
      return unsafe CompressedSource(unsafeMemory: memory, name: "bundled \(fileNames[index])")
    }
  }

  private static func installedFolder() -> String? {
    let isInstalled = fileNames.allSatisfy { FileReading.exists("\(debianFolder)/\($0)") }
    return isInstalled ? debianFolder : nil
  }

  private static func path(of file: String, in folder: String) throws -> String {
    guard FileReading.exists(folder) else {
      throw FileFailure(
        category: .missingInput, description: "the data folder '\(folder)' does not exist")
    }
    let path = "\(folder)/\(file)"
    guard FileReading.exists(path) else {
      throw DatasetError(path: folder, problem: .missingFile(file))
    }
    return path
  }

  private static func dataset(
    origin: String, limits: (training: Int?, test: Int?),
    source: (Int) throws -> CompressedSource
  ) throws -> Dataset {
    let training = try LabelledImageFiles(
      images: source(0), labels: source(1), limit: limits.training, classCount: classCount)
    let test = try LabelledImageFiles(
      images: source(2), labels: source(3), limit: limits.test, classCount: classCount)
    guard test.size == training.size else {
      throw DatasetError(
        path: test.imagesPath,
        problem: .sizeMismatch(
          size: test.size, expected: training.size, otherPath: training.imagesPath))
    }
    return try Dataset(
      name: "fashion-mnist",
      provenance: "Fashion-MNIST, \(training.counted) training and \(test.counted) test images "
        + origin,
      classCount: classCount, normalization: normalization, training: training.images,
      test: test.images)
  }
}
