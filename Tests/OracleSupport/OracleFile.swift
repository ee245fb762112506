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
    try self.init(path: Oracles.path("\(name).safetensors"))
  }

  /// Reads a file.
  ///
  /// - Throws: `FileFailure`, `SafetensorsError` or `OracleError`.
  package init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    name = path.split(separator: "/").last.map(String.init) ?? path
    guard let text = file.metadata["cases"],
      let list = try? JSONValue(parsing: text.utf8).array
    else { throw OracleError("'\(file.path)' has no list of cases in its metadata") }
    cases = try list.map { value in
      guard let fields = value.object, let name = fields["name"]?.string else {
        throw OracleError("'\(file.path)' has a case without a name")
      }
      return OracleCase(
        name: name, fields: OracleFields(owner: "case '\(name)'", values: fields), file: file,
        tensors: name)
    }
  }

  /// The cases that have to run; the others, which `OracleSkip.all` lists, are printed with the reason.
  package func cases(_ isWanted: (OracleCase) -> Bool = { _ in true }) -> [OracleCase] {
    cases.filter { oracle in
      guard isWanted(oracle) else { return false }
      guard let skip = OracleSkip.all.first(where: { $0.covers(oracle) }) else { return true }
      print("skipped: case '\(oracle.name)' of \(name), until \(skip.until)")
      return false
    }
  }
}

/// Reference data that are not as a test needs them.
package struct OracleError: Error, CustomStringConvertible {
  /// One sentence that names the case and what is wrong with it.
  package let description: String

  package init(_ description: String) { self.description = description }
}
