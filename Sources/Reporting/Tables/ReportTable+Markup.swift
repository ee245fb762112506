extension ReportTable {
  /// The table in Markdown; the best values are bold.
  package var markdown: String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    var output = line(columns.map { Self.escapedForMarkdown($0.heading) })
    output += line(columns.map { $0.alignment == .left ? "---" : "---:" })
    for (row, marks) in zip(rows, bestMarks) {
      output += line(
        zip(row, marks).map { cell, isBest in
          let text = Self.escapedForMarkdown(cell.text)
          return isBest ? "**\(text)**" : text
        })
    }
    return output
  }

  /// The table as an HTML element; the best values have the class `best`, numbers `number`.
  package var html: String {
    func row(_ cells: [String]) -> String { "<tr>\(cells.joined())</tr>\n" }
    func attribute(_ classes: [String]) -> String {
      classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
    }
    var output = "<table>\n<thead>\n"
    output += row(
      columns.map { column in
        let name = attribute(column.alignment == .right ? ["number"] : [])
        return "<th\(name)>\(column.heading.escapedForMarkup)</th>"
      })
    output += "</thead>\n<tbody>\n"
    for (cells, marks) in zip(rows, bestMarks) {
      output += row(
        columns.indices.map { index in
          let classes =
            (columns[index].alignment == .right ? ["number"] : [])
            + (marks[index] ? ["best"] : [])
          return "<td\(attribute(classes))>\(cells[index].text.escapedForMarkup)</td>"
        })
    }
    return output + "</tbody>\n</table>\n"
  }

  private static func escapedForMarkdown(_ text: String) -> String {
    text.map { $0 == "|" ? "\\|" : $0.isNewline ? " " : String($0) }.joined()
  }
}

extension ReportTable.Column {
  /// Title and unit in one line.
  fileprivate var heading: String { unit.isEmpty ? title : "\(title) [\(unit)]" }
}
