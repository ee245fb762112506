import Files

/// One field of a CSV file.
package enum CSVValue: Sendable, Equatable {
  /// Any text.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A number; it is written with as many digits as it takes to read the same number back.
  case number(Double)
  /// `true` or `false`.
  case bool(Bool)
  /// Nothing: an empty field.
  case missing

  /// The field as RFC 4180 writes it.
  fileprivate var field: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .integer(let value): String(value)
    case .number(let value): value.description
    case .bool(let value): value ? "true" : "false"
    case .missing: ""
    }
  }

  fileprivate static func quoted(_ text: String) -> String {
    // Scalars, not characters: a carriage return and a line feed together are one character.
    guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    var result = "\""
    for scalar in text.unicodeScalars {
      result.unicodeScalars.append(scalar)
      if scalar == "\"" { result.unicodeScalars.append(scalar) }
    }
    return result + "\""
  }
}

/// Rows for a CSV file as RFC 4180 defines it: commas, CRLF, quotes where they are needed.
package struct CSVTable: Sendable {
  /// The names of the columns.
  package let columns: [String]
  /// The rows, each with a value for every column.
  package private(set) var rows: [[CSVValue]] = []

  /// Creates a table without rows.
  package init(columns: [String]) {
    precondition(!columns.isEmpty, "a table needs a column")
    self.columns = columns
  }

  /// Adds a row, which must have a value for every column.
  package mutating func append(_ row: [CSVValue]) {
    precondition(
      row.count == columns.count, "a row of \(row.count) values for \(columns.count) columns")
    rows.append(row)
  }

  /// The whole file.
  package var text: String {
    var text = columns.map(CSVValue.quoted).joined(separator: ",") + "\r\n"
    for row in rows { text += row.map(\.field).joined(separator: ",") + "\r\n" }
    return text
  }

  /// Writes the file whole or not at all.
  ///
  /// - Throws: `FileFailure` when the file cannot be written.
  package func write(to path: String) throws(FileFailure) {
    try FileWriting.write(text, to: path)
  }
}
