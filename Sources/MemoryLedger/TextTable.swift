/// A small table for error messages: text to the left, numbers to the right.
package struct TextTable {
  private var rows: [[String]]
  private let numberColumns: Set<Int>

  /// Creates a table with a first row, and says which columns hold numbers.
  package init(header: [String], numberColumns: Set<Int>) {
    rows = [header]
    self.numberColumns = numberColumns
  }

  /// Adds a row with as many cells as the first.
  package mutating func append(_ row: [String]) {
    rows.append(row)
  }

  /// The rows as aligned lines, indented by two spaces, with no space at their ends.
  package var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return numberColumns.contains(column) ? padding + row[column] : row[column] + padding
      }
      let line = "  " + cells.joined(separator: "  ")
      let end = line.lastIndex { $0 != " " } ?? line.startIndex
      return String(line[...end])
    }
  }
}

/// The owners that hold most, as lines of a message.
package enum OwnerTable {
  /// How many owners are named one by one.
  package static let namedCount = 10

  /// A heading, the owners that hold most with what they hold, and the sum of the others.
  package static func lines(
    _ owners: [OwnerBytes], heading: String = "top owners"
  ) -> [String] {
    guard !owners.isEmpty else { return [] }
    var table = TextTable(header: [heading, "bytes", "of which"], numberColumns: [1])
    for owner in owners.prefix(namedCount) {
      let held = MemoryCategory.allCases.filter { owner.bytes[$0] != 0 }
      let parts = held.map { category in
        held.count == 1
          ? category.name
          : "\(category.name) \(ByteCount(bytes: owner.bytes[category]).exactDescription)"
      }
      table.append([
        owner.name, ByteCount(bytes: owner.bytes.total).exactDescription,
        parts.joined(separator: ", "),
      ])
    }
    let others = owners.dropFirst(namedCount)
    if !others.isEmpty {
      let bytes = others.reduce(0) { $0 + $1.bytes.total }
      table.append(["and \(others.count) more", ByteCount(bytes: bytes).exactDescription, ""])
    }
    return table.lines
  }
}
