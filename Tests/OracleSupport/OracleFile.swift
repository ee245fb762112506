import Safetensors

/// A file of reference numbers, with its cases.
package struct OracleFile: Sendable {
  /// The file's name, such as `conv.safetensors`.
  package let name: String
  /// The cases, in the order of the file.
  package let cases: [OracleCase]

  /// Reads a file of the oracle folder.
  ///
  /// - Parameter name: The name without its ending, such as `conv`.
  /// - Throws: `FileFailure`, `SafetensorsError` or `OracleError`.
  package init(_ name: String) throws {
    let file = try SafetensorsFile(path: Oracles.path("\(name).safetensors"))
    self.name = "\(name).safetensors"
    guard let text = file.metadata["cases"],
      let list = try? JSONValue(parsing: text.utf8).array
    else { throw OracleError("'\(file.path)' has no list of cases in its metadata") }
    cases = try list.map { value in
      guard let fields = value.object, let name = fields["name"]?.string else {
        throw OracleError("'\(file.path)' has a case without a name")
      }
      return OracleCase(
        name: name, fields: OracleFields(owner: "case '\(name)'", values: fields), file: file)
    }
  }

  /// The cases that `isSupported` holds for; the names of the others are printed as skipped.
  package func cases(where isSupported: (OracleCase) throws -> Bool) rethrows -> [OracleCase] {
    try cases.filter { oracleCase in
      let isSupported = try isSupported(oracleCase)
      if !isSupported { print("skipped: oracle case '\(oracleCase.name)' of \(name)") }
      return isSupported
    }
  }
}

/// Reference data that are not as a test needs them.
package struct OracleError: Error, CustomStringConvertible {
  /// One sentence that names the case and what is wrong with it.
  package let description: String

  init(_ description: String) { self.description = description }
}
