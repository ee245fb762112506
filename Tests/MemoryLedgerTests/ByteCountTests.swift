import MemoryLedger
import Testing

@Suite struct ByteCountTests {
  @Test func unitsOfCode() {
    #expect(ByteCount.bytes(3).bytes == 3)
    #expect(ByteCount.kibibytes(3).bytes == 3_072)
    #expect(ByteCount.mebibytes(24).bytes == 25_165_824)
    #expect(ByteCount.gibibytes(2).bytes == 2_147_483_648)
    #expect(ByteCount.mebibytes(1) < .bytes(1_048_577))
  }

  @Test(arguments: [
    ("0B", 0), ("512B", 512), ("64MiB", 67_108_864), ("1.5GiB", 1_610_612_736), ("2KB", 2_000),
    ("3 MB", 3_000_000), ("1GB", 1_000_000_000), ("0.001KB", 1), ("0.5KiB", 512),
    ("0.0009KB", 0), ("0.3KiB", 307), ("0.1GiB", 107_374_182),
    ("0.000000000931322574615478515625GiB", 0), ("0.00000000093132257461547852GiB", 1),
    ("8589934591GiB", 9_223_372_035_781_033_984), ("9223372036854775807B", .max),
  ])
  func sizesAreRead(text: String, bytes: Int) throws {
    #expect(try ByteCount(parsing: text).bytes == bytes)
  }

  @Test(arguments: [
    ("", "it does not begin with a number"), ("MiB", "it does not begin with a number"),
    ("64", "it has no unit"), ("64 ", "it has no unit"), ("64mib", "the unit \"mib\" is unknown"),
    ("64MiB ", "the unit \"MiB \" is unknown"), ("64  MiB", "the unit \" MiB\" is unknown"),
    ("1.2.3MiB", "it does not begin with a number"), (".5MiB", "it does not begin with a number"),
    ("5.MiB", "it does not begin with a number"), ("-1MiB", "it is negative"),
    ("1e3B", "the unit \"e3B\" is unknown"), ("8589934592GiB", "it is 8 EiB or more"),
    ("99999999999999999999B", "it is 8 EiB or more"), ("٣MiB", "it does not begin with a number"),
  ])
  func otherTextsAreRefused(text: String, complaint: String) throws {
    let error = try #require(throws: ByteCountError.self) { try ByteCount(parsing: text) }
    #expect(error.description.hasPrefix("\"\(text)\" is not a size: \(complaint)"))
  }

  @Test func theErrorSaysWhatWouldBeRight() throws {
    let error = try #require(throws: ByteCountError.self) { try ByteCount(parsing: "24") }
    #expect(
      error.description
        == "\"24\" is not a size: it has no unit; write a number and one of B, KiB, MiB, GiB, KB, "
        + "MB, GB, such as 64MiB")
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (26_057_113, "24.85 MiB"),
    (1_048_575, "1.00 MiB"), (1_043_333, "1018.88 KiB"), (1 << 30, "1.00 GiB"),
    (1 << 40, "1.00 TiB"), (.max, "8192.00 PiB"), (-1024, "-1.00 KiB"), (1029, "1.00 KiB"),
    (1030, "1.01 KiB"),
  ])
  func sizesAreWritten(bytes: Int, text: String) {
    #expect(ByteCount(bytes: bytes).description == text)
  }

  @Test func exactSizesAreWritten() {
    #expect(ByteCount(bytes: 26_057_113).exactDescription == "26,057,113 B")
    #expect(ByteCount(bytes: 999).exactDescription == "999 B")
    #expect(ByteCount(bytes: -1000).exactDescription == "-1,000 B")
    #expect(ByteCount(bytes: 26_057_113).fullDescription == "24.85 MiB (26,057,113 B)")
    #expect(ByteCount(bytes: 12).fullDescription == "12 B")
  }
}

@Suite struct CategoryBytesTests {
  @Test func setsOfCategoriesSum() {
    var bytes = CategoryBytes()
    for category in MemoryCategory.allCases { bytes[category] = 1 << category.rawValue }
    #expect(bytes.total == 127)
    #expect(bytes.sum(of: .step) == 16 + 32 + 64)
    #expect(bytes.sum(of: [.parameters, .input]) == 1 + 8)
    #expect((bytes - bytes) == CategoryBytes())
    #expect(bytes != CategoryBytes())
    #expect(MemoryCategory.allCases.count == MemoryCategory.count)
    #expect(MemoryCategorySet.step.name == "activations + transient + workspace")
    #expect(MemoryCategorySet.all.name == "all categories")
    for category in MemoryCategory.allCases {
      #expect(MemoryCategorySet(category).name == category.name)
      #expect(MemoryCategorySet.all.contains(category))
      #expect(category.name == String(describing: category))
    }
  }
}
