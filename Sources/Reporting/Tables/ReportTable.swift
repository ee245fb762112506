/// A table for people, which marks the best value of each column.
package struct ReportTable: Sendable {
  /// A column of the table.
  package struct Column: Sendable {
    /// Which values of a column are good.
    package enum Preference: Sendable {
      /// None is better than another.
      case none
      /// Small ones.
      case lowest
      /// Large ones.
      case highest
    }

    /// Where the cells stand.
    package enum Alignment: Sendable {
      /// To the left, for words.
      case left
      /// To the right, for numbers.
      case right
    }

    let title: String
    let unit: String
    let alignment: Alignment
    let preference: Preference

    /// Creates a column; `unit` is shown under the title.
    package init(
      _ title: String, unit: String = "", alignment: Alignment = .right,
      best preference: Preference = .none
    ) {
      self.title = title
      self.unit = unit
      self.alignment = alignment
      self.preference = preference
    }
  }

  /// A cell: what is shown, and the number behind it if it can be the best of its column.
  package struct Cell: Sendable {
    let text: String
    let value: Double?

    /// A cell that is not compared with others.
    package init(_ text: String) {
      self.text = text
      value = nil
    }

    /// A cell that may be the best of its column.
    package init(_ text: String, value: Double) {
      self.text = text
      self.value = value.isNaN ? nil : value
    }
  }

  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  /// Creates a table without rows.
  package init(columns: [Column]) {
    precondition(!columns.isEmpty, "a table needs a column")
    self.columns = columns
  }

  /// Adds a row, which must have a cell for every column.
  package mutating func append(_ row: [Cell]) {
    precondition(
      row.count == columns.count, "a row of \(row.count) cells for \(columns.count) columns")
    rows.append(row)
  }

  /// Whether any column has a unit.
  var hasUnits: Bool { columns.contains { !$0.unit.isEmpty } }

  /// For each row and column, whether the cell is among the best of its column.
  ///
  /// Cells that look the same are equally good. A column whose cells all look the same has no best.
  var bestMarks: [[Bool]] {
    var marks = rows.map { $0.map { _ in false } }
    for (index, column) in columns.enumerated() where column.preference != .none {
      let values = rows.compactMap { $0[index].value }
      let best = column.preference == .lowest ? values.min() : values.max()
      guard let best, let shown = rows.first(where: { $0[index].value == best })?[index].text
      else { continue }
      let equals = rows.indices.filter {
        rows[$0][index].value != nil && rows[$0][index].text == shown
      }
      guard equals.count < values.count else { continue }
      for row in equals { marks[row][index] = true }
    }
    return marks
  }
}
