import Safetensors

/// One case of reference numbers: hyper-parameters and tensors.
package struct OracleCase: Sendable, CustomStringConvertible {
  /// The case's name, unique in its file.
  package let name: String
  /// The hyper-parameters.
  package let fields: OracleFields

  let file: SafetensorsFile

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
    OracleTensor(shape: try shape(tensor), values: try file.floats(path(tensor)))
  }

  /// A tensor of class labels, in row-major order.
  package func labels(_ tensor: String) throws -> [Int32] {
    try file.integers(path(tensor)).map { label in
      guard let label = Int32(exactly: label) else {
        throw OracleError("tensor '\(tensor)' of case '\(name)' has the label \(label)")
      }
      return label
    }
  }

  /// The extents of a tensor.
  package func shape(_ tensor: String) throws -> [Int] {
    guard let description = file.description(of: path(tensor)) else {
      throw OracleError("case '\(name)' has no tensor '\(tensor)'")
    }
    return description.shape
  }

  private func path(_ tensor: String) -> String { "\(name)/\(tensor)" }
}
