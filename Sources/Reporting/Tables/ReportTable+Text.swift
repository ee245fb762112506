extension ReportTable {
  /// The table as aligned lines: titles, units, a rule, rows; the best values have a `*`.
  package var text: String {
    let marks = bestMarks
    let header = [columns.map(\.title)] + (hasUnits ? [columns.map(\.unit)] : [])
    let body = zip(rows, marks).map { row, marks in
      zip(row, marks).map { cell, isBest in isBest ? "\(cell.text) *" : cell.text }
    }
    // Where a column has marks, what has none leaves their place free, so that digits line up.
    let hasMarks = columns.indices.map { column in marks.contains { $0[column] } }
    func padded(_ cells: [String], marked: [Bool]) -> [String] {
      columns.indices.map { column in
        let leavesPlace =
          hasMarks[column] && !marked[column] && columns[column].alignment == .right
        return leavesPlace ? cells[column] + "  " : cells[column]
      }
    }
    let unmarked = columns.map { _ in false }
    let lines =
      header.map { padded($0, marked: unmarked) }
      + zip(body, marks).map { padded($0, marked: $1) }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }

    var output = lines.map { aligned($0, widths: widths) }
    output.insert(
      widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: header.count)
    if hasMarks.contains(true) { output.append("* best of its column") }
    return output.map { $0 + "\n" }.joined()
  }

  private func aligned(_ cells: [String], widths: [Int]) -> String {
    let padded = columns.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - cells[column].count)
      return columns[column].alignment == .left ? cells[column] + padding : padding + cells[column]
    }
    let line = padded.joined(separator: "  ")
    let end = line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex
    return String(line[..<end])
  }
}
