import Files
import Glibc
import Testing

/// Calls `body` with a new folder, which is removed with the files in it.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/tidemark-test-XXXXXX".utf8CString)
  let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
    unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
  }
  try #require(made)
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    for name in names(in: folder) { unsafe unlink("\(folder)/\(name)") }
    unsafe rmdir(folder)
  }
  try body(folder)
}

/// The names of the files in a folder, in alphabetical order.
func names(in folder: String) -> [String] {
  guard let stream = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

@Suite struct FilesTests {
  private func failure(_ body: () throws(FileFailure) -> Void) -> FileFailure? {
    do throws(FileFailure) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func aFileIsWrittenWholeOrNotAtAll() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.csv"
      try FileWriting.write("old", to: path)
      do {
        var writer = try AtomicFileWriter(path: path)
        try writer.write("half of the n")
        #expect(names(in: folder).count == 2)
      }
      #expect(names(in: folder) == ["a.csv"])
      #expect(try FileReading.bytes(of: path) == Array("old".utf8))
      try FileWriting.write("new", to: path)
      #expect(names(in: folder) == ["a.csv"])
      #expect(try FileReading.bytes(of: path) == Array("new".utf8))
    }
  }

  @Test func failuresAreOneSentenceWithTheRightCategory() throws {
    try withTemporaryFolder { folder in
      let missing = failure { () throws(FileFailure) in
        _ = try FileReading.bytes(of: "\(folder)/none")
      }
      #expect(missing?.description == "cannot read '\(folder)/none': it does not exist")
      #expect(missing?.category == .missingInput)

      let notAFile = failure { () throws(FileFailure) in _ = try FileReading.bytes(of: folder) }
      #expect(notAFile?.description == "cannot read '\(folder)': it is a folder, not a file")

      let noFolder = failure { () throws(FileFailure) in
        try FileWriting.write("x", to: "\(folder)/none/a")
      }
      #expect(noFolder?.description == "cannot write '\(folder)/none/a': its folder does not exist")
      #expect(noFolder?.category == .cannotCreate)

      let overFolder = failure { () throws(FileFailure) in try FileWriting.write("x", to: folder) }
      #expect(overFolder?.description == "cannot write '\(folder)': it is a folder, not a file")

      try FileWriting.write("x", to: "\(folder)/file")
      let underFile = failure { () throws(FileFailure) in
        try FileWriting.createFolder("\(folder)/file/sub")
      }
      #expect(underFile?.category == .cannotCreate)
      #expect(
        underFile?.description
          == "cannot create folder '\(folder)/file/sub': a part of that path is a file, not a folder")
      #expect(names(in: folder) == ["file"])
    }
  }

  @Test func foldersAreCreatedWithThoseAboveThem() throws {
    try withTemporaryFolder { folder in
      try FileWriting.createFolder("\(folder)/a/b//c/")
      try FileWriting.createFolder("\(folder)/a/b/c")
      #expect(FileReading.exists("\(folder)/a/b/c"))
      for name in ["a/b/c", "a/b", "a"] { unsafe rmdir("\(folder)/\(name)") }
    }
  }
}
