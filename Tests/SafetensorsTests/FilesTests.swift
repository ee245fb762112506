import Files
import Glibc
import TestSupport
import Testing

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
        #expect(fileNames(in: folder).count == 2)
      }
      #expect(fileNames(in: folder) == ["a.csv"])
      #expect(try FileReading.bytes(of: path) == Array("old".utf8))
      try FileWriting.write("new", to: path)
      #expect(fileNames(in: folder) == ["a.csv"])
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
          == "cannot create folder '\(folder)/file/sub': "
          + "a part of that path is a file, not a folder")
      #expect(fileNames(in: folder) == ["file"])
    }
  }

  @Test func devicesAreNotReplacedByFiles() {
    let device = failure { () throws(FileFailure) in try FileWriting.write("x", to: "/dev/null") }
    #expect(device?.description == "cannot write '/dev/null': it is not an ordinary file")
    #expect(FileReading.exists("/dev/null"))
  }

  @Test func whetherAFileCanBeWrittenIsKnownBefore() throws {
    try withTemporaryFolder { folder in
      try FileWriting.checkWritable("\(folder)/a")
      #expect(fileNames(in: folder).isEmpty)
      try FileWriting.write("x", to: "\(folder)/a")
      try FileWriting.checkWritable("\(folder)/a")
      #expect(try FileReading.bytes(of: "\(folder)/a") == Array("x".utf8))
      #expect(failure { () throws(FileFailure) in try FileWriting.checkWritable(folder) } != nil)
      let under = failure { () throws(FileFailure) in
        try FileWriting.checkWritable("\(folder)/a/b")
      }
      #expect(under?.category == .cannotCreate)
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

  @Test func onlyWhatKilledProcessesLeftIsRemoved() throws {
    try withTemporaryFolder { folder in
      // No process has the largest number that there can be.
      let names = [
        "c.csv", "c.csv.2147483647.123.partial", "c.csv.\(getpid()).123.partial",
        "other.2147483647.123.partial", "c.csv.x.123.partial", "c.csv.2147483647.partial",
      ]
      for name in names { try FileWriting.write("x", to: "\(folder)/\(name)") }
      FileWriting.removeAbandoned("\(folder)/c.csv")
      FileWriting.removeAbandoned("\(folder)/none/c.csv")
      let left = try FileReading.names(in: folder)
      #expect(left.sorted() == (names[..<1] + names[2...]).sorted())
    }
  }
}
