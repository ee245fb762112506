import Files

/// A folder that receives several reports, all of them or none.
package struct ReportFolder: Sendable {
  /// The path of the folder.
  package let path: String

  /// Creates the folder where it does not exist, and finds out whether reports can be written.
  ///
  /// - Parameters:
  ///   - path: The path of the folder.
  ///   - names: The names of the reports.
  /// - Throws: `FileFailure` with the category `cannotCreate`.
  package init(_ path: String, reports names: [String]) throws(FileFailure) {
    self.path = path
    try FileWriting.createFolder(path)
    for name in names { try FileWriting.checkWritable("\(path)/\(name)") }
  }

  /// Writes reports: each is complete under a temporary name before the first gets its own.
  ///
  /// - Returns: The paths of the reports.
  /// - Throws: `FileFailure`; then older reports are as before.
  @discardableResult
  package func write(_ reports: [(name: String, text: String)]) throws(FileFailure) -> [String] {
    try write(reports[...])
    return reports.map { "\(path)/\($0.name)" }
  }

  private func write(_ reports: ArraySlice<(name: String, text: String)>) throws(FileFailure) {
    guard let first = reports.first else { return }
    var writer = try AtomicFileWriter(path: "\(path)/\(first.name)")
    try writer.write(first.text)
    try write(reports.dropFirst())
    try writer.commit()
  }
}
