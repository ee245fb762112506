import Testing

@testable import Reporting

@Suite struct ReportTableTests {
  private var table: ReportTable {
    var table = ReportTable(columns: [
      .init("strategy", alignment: .left), .init("peak", unit: "MiB", best: .lowest),
      .init("accuracy", best: .highest),
    ])
    table.append([.init("full"), .init("24.9", value: 24.9), .init("0.81", value: 0.81)])
    table.append([.init("trace|8"), .init("5.0", value: 5), .init("0.8", value: 0.8)])
    table.append([.init("sqrt"), .init("5.0", value: 5.01), .init("failed")])
    return table
  }

  @Test func textIsAlignedAndMarksTheBest() {
    #expect(
      table.text == """
        strategy  peak    accuracy
                   MiB
        ────────  ──────  ──────────
        full      24.9        0.81 *
        trace|8    5.0 *       0.8
        sqrt       5.0 *    failed
        * best of its column

        """)
  }

  @Test func markdownAndHTMLMarkTheBest() {
    #expect(
      table.markdown == """
        | strategy | peak [MiB] | accuracy |
        | --- | ---: | ---: |
        | full | 24.9 | **0.81** |
        | trace\\|8 | **5.0** | 0.8 |
        | sqrt | **5.0** | failed |

        """)
    #expect(table.html.contains("<td class=\"number best\">0.81</td>"))
    #expect(table.html.contains("<td>trace|8</td>"))
    #expect(table.html.contains("<th class=\"number\">peak [MiB]</th>"))
  }

  @Test func whereAllAreEqualNoneIsBest() {
    var table = ReportTable(columns: [.init("a", best: .lowest), .init("b", best: .highest)])
    table.append([.init("1", value: 1), .init("nan", value: .nan)])
    #expect(table.bestMarks == [[false, false]])
    table.append([.init("1", value: 1), .init("2", value: 2)])
    #expect(table.bestMarks == [[false, false], [false, false]])
    table.append([.init("3", value: 3), .init("1", value: 1)])
    #expect(table.bestMarks == [[true, false], [true, true], [false, false]])
    #expect(!table.html.contains("<script"))
  }

  @Test func aTableWithoutRowsIsATable() {
    #expect(ReportTable(columns: [.init("x")]).text == "x\n─\n")
  }
}
