import Files

/// A CSV file that is not as RFC 4180 says, or not the one that is wanted.
package struct CSVError: DescribedFailure, Equatable {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var category: FailureCategory { .badData }

  package var description: String { "'\(path)' \(reason)" }
}

/// The rows of a CSV file as text, by the names of the columns.
package struct CSVRows: Sendable {
  /// The names of the columns.
  package let columns: [String]
  /// The fields of each row, as many as there are columns.
  package let rows: [[String]]

  /// Reads a file as RFC 4180 defines it; lines may end with a line feed alone.
  ///
  /// - Throws: `FileFailure` or `CSVError`.
  package init(path: String) throws {
    try self.init(parsing: String(decoding: FileReading.bytes(of: path), as: UTF8.self), path: path)
  }

  /// Reads text; `path` is what errors call it.
  package init(parsing text: String, path: String) throws(CSVError) {
    var records: [[String]] = []
    var record: [String] = []
    var field = ""
    var isQuoted = false
    var wasQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    func isEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" }
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\"" where isQuoted:
        if scalars.first == "\"" {
          scalars.removeFirst()
          field.unicodeScalars.append(scalar)
        } else {
          isQuoted = false
        }
      case _ where isQuoted:
        field.unicodeScalars.append(scalar)
      case "\"" where field.isEmpty && !wasQuoted:
        (isQuoted, wasQuoted) = (true, true)
      case ",", "\n":
        record.append(field)
        (field, wasQuoted) = ("", false)
        if isEnd(scalar) {
          records.append(record)
          record = []
        }
      case "\r" where scalars.first.map(isEnd) ?? true:
        break
      case _ where wasQuoted, "\"":
        throw CSVError(path: path, reason: "has a quote in line \(records.count + 1) out of place")
      default:
        field.unicodeScalars.append(scalar)
      }
    }
    guard !isQuoted else {
      throw CSVError(path: path, reason: "is truncated: a quoted field does not end")
    }
    if !field.isEmpty || !record.isEmpty || wasQuoted { records.append(record + [field]) }
    guard let columns = records.first else {
      throw CSVError(path: path, reason: "is empty; it should begin with the names of the columns")
    }
    if let line = records.firstIndex(where: { $0.count != columns.count }) {
      throw CSVError(
        path: path,
        reason:
          "has \(records[line].count) fields in line \(line + 1), and \(columns.count) columns")
    }
    self.columns = columns
    rows = Array(records.dropFirst())
  }
}
