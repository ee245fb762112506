import Safetensors

/// One case of reference numbers: hyper-parameters and tensors.
package struct OracleCase: Sendable, CustomStringConvertible {
  /// The case's name, unique in its file.
  package let name: String
  /// The hyper-parameters.
  package let fields: OracleFields

  let file: SafetensorsFile
  /// The name that its tensors begin with in the file.
  let tensors: String
  private let record = ReadRecord()

  init(name: String, fields: OracleFields, file: SafetensorsFile, tensors: String) {
    self.name = name
    self.fields = fields
    self.file = file
    self.tensors = tensors
  }

  /// The case's name.
  package var description: String { name }

  /// The tolerance `tol`, relative to the largest magnitude in a tensor.
  package func tolerance() throws -> Double { try fields.double("tol") }

  /// Whether the case has a tensor of that name.
  package func hasTensor(_ tensor: String) -> Bool {
    file.description(of: path(tensor)) != nil
  }

  /// A tensor of floats, in PyTorch's layout.
  package func tensor(_ tensor: String) throws -> OracleTensor {
    record.insert(tensor)
    return OracleTensor(shape: try shape(tensor), values: try file.floats(path(tensor)))
  }

  /// A tensor of class labels, in row-major order.
  package func labels(_ tensor: String) throws -> [Int32] {
    record.insert(tensor)
    return try file.integers(path(tensor)).map { label in
      guard let label = Int32(exactly: label) else {
        throw OracleError("tensor '\(tensor)' of case '\(name)' has the label \(label)")
      }
      return label
    }
  }

  /// What nobody has read of the case, fields and tensors: a test that leaves something unread does
  /// not honour it.
  package var unread: [String] {
    let prefix = path("")
    let unreadTensors = file.tensors.map(\.name).filter { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }.filter { !record.contains($0) }
    return fields.unread.filter { $0 != "name" }.map { "field '\($0)'" }
      + unreadTensors.map { "tensor '\($0)'" }
  }

  /// The extents of a tensor.
  package func shape(_ tensor: String) throws -> [Int] {
    guard let description = file.description(of: path(tensor)) else {
      throw OracleError("case '\(name)' has no tensor '\(tensor)'")
    }
    return description.shape
  }

  private func path(_ tensor: String) -> String { "\(tensors)/\(tensor)" }
}
