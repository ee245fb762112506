import Files
import Reporting
import Testing

@Suite struct CSVRowsTests {
  private func rows(_ text: String) throws -> [[String]] {
    let file = try CSVRows(parsing: text, path: "p")
    return [file.columns] + file.rows
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let words = ["a", "", "b,c", "say \"x\"", "line\r\nbreak", "\n", "ü", "\""]
    var table = CSVTable(columns: ["first", "se,cond"])
    for word in words { table.append([.text(word), .integer(1)]) }
    #expect(
      try rows(table.text) == [["first", "se,cond"]] + words.map { [$0, "1"] })
  }

  @Test func linesMayEndInOtherWays() throws {
    #expect(try rows("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
    #expect(try rows("a,b\r\n1,2") == [["a", "b"], ["1", "2"]])
    #expect(try rows("a,b\n\"\",") == [["a", "b"], ["", ""]])
    #expect(try rows("a\n") == [["a"]])
  }

  @Test(arguments: [
    ("", "is empty"), ("a,b\n1", "1 fields in line 2, and 2 columns"), ("a\n\"1", "truncated"),
    ("a\n1\"2", "quote in line 2"), ("a\n\"1\"2", "quote in line 2"),
  ])
  func damagedTextIsExplained(text: String, part: String) {
    let error = #expect(throws: CSVError.self) { try CSVRows(parsing: text, path: "p") }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.category == .badData)
  }
}
