import Files
import TestSupport
import Testing

@testable import Training

@Suite struct DataGzipTests {
  private func unzip(_ file: [UInt8], pieces: Int = 1 << 16) throws -> [UInt8] {
    var result: [UInt8] = []
    try withTemporaryFolder { folder in
      try write(file, to: "\(folder)/f.gz")
      let reader = GzipReader(try CompressedSource(path: "\(folder)/f.gz"))
      var piece = [UInt8](repeating: 0, count: pieces)
      while true {
        let count = try unsafe piece.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
        result += piece[..<count]
        if count < pieces { return }
      }
    }
    return result
  }

  private func problem(_ file: [UInt8]) -> DatasetError.Problem? {
    do {
      _ = try unzip(file)
      return nil
    } catch {
      return (error as? DatasetError)?.problem
    }
  }

  private let text = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }

  @Test(arguments: [1, 7, 65_536]) func whatWasCompressedComesBack(pieces: Int) throws {
    let short = Array(text.prefix(pieces == 1 ? 500 : 200_000))
    #expect(try unzip(gzip(short), pieces: pieces) == short)
  }

  @Test func membersFollowOneAnother() throws {
    let first = Array(text[..<70_000])
    let second = Array(text[70_000...])
    #expect(try unzip(gzip(first) + gzip([]) + gzip(second)) == text)
    #expect(try unzip(gzip([])) == [])
  }

  /// More of them than one reading of the file takes, too.
  @Test(arguments: [1, 512, 200_000]) func zeroBytesBehindMembersArePassedOver(count: Int) throws {
    let zeros = [UInt8](repeating: 0, count: count)
    let first = Array(text[..<70_000])
    let second = Array(text[70_000...])
    #expect(try unzip(gzip(first) + zeros) == first)
    #expect(try unzip(gzip(first) + zeros + gzip(second) + zeros) == text)
    #expect(problem(gzip(first) + zeros + gzip(second).dropLast(3)) == .truncatedGzip)
  }

  @Test func anythingElseIsSaidToBeWrong() {
    let whole = gzip(text)
    #expect(problem([]) == .notGzip)
    #expect(problem(Array("plain text, not gzip".utf8)) == .notGzip)
    #expect(problem(Array(whole.dropLast(1))) == .truncatedGzip)
    #expect(problem(Array(whole.prefix(whole.count / 2))) == .truncatedGzip)
    #expect(problem(Array(whole.prefix(5))) == .truncatedGzip)
    #expect(problem(whole + gzip(text).dropLast(3)) == .truncatedGzip)
    #expect(problem(whole + [0x1f, 7]) == .trailingData)
    #expect(problem(whole + [7]) == .trailingData)
    #expect(problem(whole + [0, 0, 7]) == .trailingData)
    #expect(problem([0] + whole) == .notGzip)

    var wrongChecksum = whole
    wrongChecksum[whole.count - 8] ^= 1
    #expect(problem(wrongChecksum) == .corruptGzip("the checksum of its data does not match"))
    var wrongLength = whole
    wrongLength[whole.count - 1] ^= 1
    #expect(problem(wrongLength) == .corruptGzip("the length of its data does not match"))
    var wrongBlock = whole
    wrongBlock[10] |= 6
    #expect(problem(wrongBlock) == .corruptGzip("its compressed data have an invalid block type"))
  }

  @Test func aFolderIsNotAFile() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileFailure.self) {
        let reader = GzipReader(try CompressedSource(path: folder))
        var byte: [UInt8] = [0]
        _ = try unsafe byte.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
      }
    }
  }
}
