import Files
import TestSupport
import Testing

@testable import Reporting

@Suite struct CSVTableTests {
  @Test func fieldsAreWrittenAsTheStandardSays() {
    var table = CSVTable(columns: ["name", "a,b"])
    table.append([.text("plain"), .integer(-3)])
    table.append([.text("say \"hi\""), .number(0.1)])
    table.append([.text("two\r\nlines"), .bool(true)])
    table.append([.text("one\nline"), .number(1e-300)])
    table.append([.text("carriage\rreturn"), .missing])
    table.append([.text(""), .text("é, ü")])
    #expect(
      table.text == "name,\"a,b\"\r\n" + "plain,-3\r\n" + "\"say \"\"hi\"\"\",0.1\r\n"
        + "\"two\r\nlines\",true\r\n" + "\"one\nline\",1e-300\r\n" + "\"carriage\rreturn\",\r\n"
        + ",\"é, ü\"\r\n")
  }

  @Test(arguments: [0.1, 1.0 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0])
  func numbersAreReadBackTheSame(value: Double) throws {
    var table = CSVTable(columns: ["x"])
    table.append([.number(value)])
    let field = try #require(table.text.split(separator: "\r\n").last)
    #expect(Double(field)?.bitPattern == value.bitPattern)
  }

  @Test func nothingIsLeftWhereAFileCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let table = CSVTable(columns: ["x"])
      #expect(
        throws: FileFailure(
          category: .cannotCreate,
          description: "cannot write '\(folder)/none/t.csv': its folder does not exist")
      ) { try table.write(to: "\(folder)/none/t.csv") }
      try table.write(to: "\(folder)/t.csv")
      #expect(fileNames(in: folder) == ["t.csv"])
      #expect(try FileReading.bytes(of: "\(folder)/t.csv") == Array("x\r\n".utf8))
    }
  }
}
