import Files

/// A file of a data set that is not as it should be.
public struct DatasetError: DescribedFailure, Equatable {
  /// What is wrong with the file.
  public enum Problem: Sendable, Equatable {
    /// The folder lacks a file that a data set consists of.
    case missingFile(String)
    /// The file does not begin as gzip files do.
    case notGzip
    /// The compressed data end early.
    case truncatedGzip
    /// The compressed data are damaged; the text says how.
    case corruptGzip(String)
    /// Something that is not gzip follows the compressed data.
    case trailingData
    /// The decompressed data do not begin as IDX files of bytes do.
    case notIDX
    /// The file has another number of dimensions than images (3) or labels (1).
    case wrongDimensions(Int, expected: Int)
    /// An extent is zero or the extents are absurdly large.
    case badExtents([Int])
    /// The file holds no item.
    case empty
    /// The file has fewer bytes of data than its header promises.
    case truncatedIDX(bytes: Int, expected: Int)
    /// The file has more bytes of data than its header promises.
    case extraBytes(Int)
    /// Images and labels differ in number.
    case countMismatch(labels: Int, images: Int, imagesPath: String)
    /// A label is no class.
    case labelOutOfRange(label: Int, item: Int, classCount: Int)
    /// The label of a voxel is no class.
    case voxelOutOfRange(label: Int, volume: Int, voxel: Int, classCount: Int)
    /// The samples of two files, or of the two parts of a data set, differ in size.
    case sizeMismatch(size: [Int], expected: [Int], otherPath: String)
  }

  /// The path of the file, or of the folder that lacks one; the name of a data set that was not read.
  public let path: String
  /// What is wrong with it.
  public let problem: Problem

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - problem: What is wrong with it.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// What kind of failure this is, and so the exit code.
  public var category: FailureCategory {
    if case .missingFile = problem { .missingInput } else { .badData }
  }

  /// One sentence that names the file and what is wrong with it.
  public var description: String { "'\(path)' \(problem.sentence)" }
}

extension DatasetError.Problem {
  private static func words(_ size: [Int]) -> String {
    size.map(String.init).joined(separator: "x")
  }

  /// What follows the name of the file in the sentence.
  fileprivate var sentence: String {
    switch self {
    case .missingFile(let name):
      "holds no \(name); it should hold \(FashionMNIST.fileNames.joined(separator: ", "))"
    case .notGzip:
      "is not a gzip file"
    case .truncatedGzip:
      "is truncated: its compressed data end early"
    case .corruptGzip(let reason):
      "is corrupt: \(reason)"
    case .trailingData:
      "is corrupt: something that is not gzip follows its compressed data"
    case .notIDX:
      "is not an IDX file of bytes"
    case .wrongDimensions(1, expected: 3):
      "holds labels where images are expected"
    case .wrongDimensions(3, expected: 1):
      "holds images where labels are expected"
    case .wrongDimensions(let dimensions, let expected):
      "has \(dimensions) dimensions where \(expected) are expected"
    case .badExtents(let extents):
      "has impossible extents: \(extents)"
    case .empty:
      "is empty: it holds 0 items"
    case .truncatedIDX(let bytes, let expected):
      "is truncated: its header promises \(expected) bytes of data, and \(bytes) are there"
    case .extraBytes(let count):
      "has \(count) bytes more than its header promises"
    case .countMismatch(let labels, let images, let imagesPath):
      "holds \(labels) labels for the \(images) images of '\(imagesPath)'"
    case .labelOutOfRange(let label, let item, let classCount):
      "gives image \(item) the label \(label); the labels are 0 to \(classCount - 1)"
    case .voxelOutOfRange(let label, let volume, let voxel, let classCount):
      "gives voxel \(voxel) of volume \(volume) the label \(label); the labels are 0 to "
        + "\(classCount - 1)"
    case .sizeMismatch(let size, let expected, let otherPath):
      "holds samples of \(Self.words(size)), '\(otherPath)' of \(Self.words(expected))"
    }
  }
}
