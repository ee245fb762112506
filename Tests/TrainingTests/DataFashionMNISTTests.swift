import Files
import OracleSupport
import TestSupport
import Testing

@testable import Training

@Suite struct DataFashionMNISTTests {
  /// The fingerprints that the reference networks were trained with.
  @Test func theFirstThousandImagesAreThoseOfTheReference() throws {
    let oracleCases = try OracleFile("networks").cases
    try #require(!oracleCases.isEmpty)
    for dataset in [try FashionMNIST.load(trainingLimit: 1000), try FashionMNIST.bundled()] {
      let pixels = sha256(dataset.training.pixels.prefix(784_000))
      let labels = sha256(dataset.training.labels.prefix(1000))
      for oracleCase in oracleCases {
        #expect(try pixels == oracleCase.fields.string("images_sha256"), "\(oracleCase)")
        #expect(try labels == oracleCase.fields.string("labels_sha256"), "\(oracleCase)")
        #expect(try dataset.normalization.mean == oracleCase.fields.double("pixel_mean"))
        #expect(
          try dataset.normalization.standardDeviation == oracleCase.fields.double("pixel_std"))
      }
    }
  }

  @Test func theFingerprintIsThatOfTheStandard() {
    #expect(
      sha256("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      sha256([UInt8](repeating: 0x61, count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func theBundledSubsetSaysWhatItIs() throws {
    let dataset = try FashionMNIST.bundled()
    #expect(dataset.name == "fashion-mnist")
    #expect(dataset.classCount == 10)
    #expect((dataset.height, dataset.width, dataset.channels) == (28, 28, 1))
    #expect((dataset.training.count, dataset.test.count) == (2000, 1000))
    #expect(Set(dataset.training.labels).count == 10)
    #expect(Set(dataset.test.labels).count == 10)
    #expect(
      dataset.provenance
        == "Fashion-MNIST, 2000 training and 1000 test images bundled with Tidemark, "
        + "since Debian's package dataset-fashion-mnist is not installed")
  }

  @Test func limitsKeepTheFirstImages() throws {
    let all = try FashionMNIST.bundled()
    let some = try FashionMNIST.bundled(trainingLimit: 3, testLimit: 5000)
    #expect(some.training.pixels == Array(all.training.pixels.prefix(3 * 784)))
    #expect(some.training.labels == Array(all.training.labels.prefix(3)))
    #expect(some.test.count == 1000)
    #expect(some.provenance.contains("the first 3 of 2000 training and 1000 test images"))
  }

  // MARK: - Folders of the user

  /// Two training images and one test image of 2×3 pixels.
  private var smallFiles: [String: [UInt8]] {
    let contents = [
      idx([2, 2, 3], Array(0..<12)), idx([2], [9, 0]),
      idx([1, 2, 3], Array(20..<26)), idx([1], [3]),
    ]
    return Dictionary(uniqueKeysWithValues: zip(FashionMNIST.fileNames, contents))
  }

  private func load(_ files: [String: [UInt8]]) throws -> Dataset {
    var dataset: Dataset?
    try withTemporaryFolder { folder in
      for (name, bytes) in files { try write(gzip(bytes), to: "\(folder)/\(name)") }
      dataset = try FashionMNIST.load(folder: folder)
    }
    return try #require(dataset)
  }

  /// What loading says when one file holds `bytes` instead, nil for no file at all.
  private func problem(_ index: Int, _ bytes: [UInt8]?) -> DatasetError.Problem? {
    var files = smallFiles
    files[FashionMNIST.fileNames[index]] = bytes
    do {
      _ = try load(files)
      return nil
    } catch {
      return (error as? DatasetError)?.problem
    }
  }

  @Test func aFolderIsRead() throws {
    let dataset = try load(smallFiles)
    #expect(dataset.training.pixels == Array(0..<12))
    #expect(dataset.training.labels == [9, 0])
    #expect(dataset.test.pixels == Array(20..<26))
    #expect((dataset.height, dataset.width) == (2, 3))
    #expect(dataset.provenance.hasPrefix("Fashion-MNIST, 2 training and 1 test images from /"))
  }

  @Test func wrongFilesAreSaidToBeWrong() {
    #expect(problem(0, idx([2, 2, 3], Array(0..<12))) == nil)
    #expect(problem(2, nil) == .missingFile(FashionMNIST.fileNames[2]))
    #expect(problem(0, []) == .notIDX)
    #expect(problem(0, [0, 0, 8]) == .notIDX)
    #expect(problem(0, [0, 0, 8, 3, 0, 0, 0, 1, 0]) == .notIDX)
    #expect(problem(0, idx([2, 2, 3], Array(0..<12), magic: [0, 0, 13])) == .notIDX)
    #expect(problem(0, Array("some text that is no data".utf8)) == .notIDX)
    #expect(problem(0, idx([2], [1, 2])) == .wrongDimensions(1, expected: 3))
    #expect(problem(1, idx([2, 2, 3], Array(0..<12))) == .wrongDimensions(3, expected: 1))
    #expect(problem(1, idx([2, 1], [1, 2])) == .wrongDimensions(2, expected: 1))
    #expect(problem(0, idx([0, 2, 3], [])) == .empty)
    #expect(problem(1, idx([0], [])) == .empty)
    #expect(problem(0, idx([2, 0, 3], [])) == .badExtents([2, 0, 3]))
    #expect(problem(0, idx([2, 65_536, 3], [])) == .badExtents([2, 65_536, 3]))
    #expect(
      problem(0, idx([2, 2, 3], Array(0..<11))) == .truncatedIDX(bytes: 11, expected: 12))
    let absurd = [4_294_967_295, 65_535, 65_535]
    #expect(problem(0, idx(absurd, [1])) == .badExtents(absurd))
    #expect(
      problem(0, idx([4_294_967_295, 100, 100], [1]))
        == .truncatedIDX(bytes: 1, expected: 42_949_672_950_000))
    #expect(problem(1, idx([2], [1, 2, 3])) == .extraBytes(1))
    #expect(problem(1, idx([1], [1]))?.isCountMismatch == true)
    #expect(problem(1, idx([2], [1, 10])) == .labelOutOfRange(label: 10, item: 1, classCount: 10))
    #expect(problem(2, idx([1, 3, 2], Array(0..<6)))?.isSizeMismatch == true)
  }

  /// Whatever bit is another: the file is refused, or its images are those that were written, even
  /// where only the first are kept.
  @Test func noFlippedBitIsTakenForImages() throws {
    let images = idx([30, 2, 3], (0..<180).map { UInt8($0 * 31 % 251) })
    let file = gzip(images)
    var refusedCount = 0
    try withTemporaryFolder { folder in
      for bit in 0..<8 * file.count {
        var damaged = file
        damaged[bit / 8] ^= 1 << (bit % 8)
        try write(damaged, to: "\(folder)/images.gz")
        do {
          let read = try IDXFile(
            CompressedSource(path: "\(folder)/images.gz"), dimensions: 3, limit: 2)
          #expect(read.bytes == Array(images[16..<28]), "bit \(bit)")
        } catch is DatasetError {
          refusedCount += 1
        }
      }
    }
    #expect(refusedCount >= 8 * (file.count - 10))
  }

  @Test func aMissingFolderIsSaidToBeMissing() {
    let expected = FileFailure(
      category: .missingInput, description: "the data folder '/no/such/folder' does not exist")
    #expect(throws: expected) { try FashionMNIST.load(folder: "/no/such/folder") }
  }

  @Test func sentencesNameTheFile() {
    let error = DatasetError(
      path: "t10k", problem: .countMismatch(labels: 1, images: 2, imagesPath: "i"))
    #expect(error.description == "'t10k' holds 1 labels for the 2 images of 'i'")
    #expect(error.category == .badData)
    let missing = DatasetError(path: "f", problem: .missingFile("a.gz"))
    #expect(missing.category == .missingInput)
    #expect(missing.description.hasPrefix("'f' holds no a.gz; it should hold train-images"))
  }
}

extension DatasetError.Problem {
  fileprivate var isCountMismatch: Bool {
    if case .countMismatch(labels: 1, images: 2, _) = self { true } else { false }
  }

  fileprivate var isSizeMismatch: Bool {
    if case .sizeMismatch(size: [3, 2], expected: [2, 3], _) = self { true } else { false }
  }
}
