import Files
import Safetensors

/// A parameter of a network, where it is in memory.
@safe struct ParameterSlot {
  /// The parameter's name, unique in its network.
  let name: String
  /// Its extents, in the project's own layout.
  let shape: [Int]
  /// Its elements, the last axis fastest.
  let values: UnsafeMutableBufferPointer<Float>

  /// Creates a slot; the memory must outlive it and hold as many elements as the shape.
  init(name: String, shape: [Int], values: UnsafeMutableBufferPointer<Float>) {
    precondition(
      shape.reduce(1, *) == values.count, "'\(name)' has another size than its shape")
    self.name = name
    self.shape = shape
    unsafe self.values = values
  }
}

/// The parameters and running statistics of a network in a safetensors file.
enum ParameterFile {
  private static let formatKey = "format"
  private static let format = "tidemark-parameters-1"

  /// Writes all slots, whole or not at all; allocates the header only.
  ///
  /// - Parameters:
  ///   - slots: What to write; the names must differ.
  ///   - network: The name of the network, which the file keeps.
  ///   - path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  static func write(_ slots: [ParameterSlot], network: String, to path: String) throws {
    let contents = slots.map { slot in
      unsafe TensorContents(
        name: slot.name, shape: slot.shape,
        values: .borrowedFloats(UnsafeBufferPointer(slot.values)))
    }
    try SafetensorsFile.write(
      contents, metadata: [formatKey: format, "network": network], to: path)
  }

  /// Fills all slots from a file, or none when the file does not fit; holds one array of its size.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - slots: What to fill: exactly the tensors of the file.
  /// - Throws: `ParameterFileError`, `SafetensorsError` or `FileFailure`.
  static func read(_ path: String, into slots: [ParameterSlot]) throws {
    let file = try SafetensorsFile(path: path)
    guard file.metadata[formatKey] == format else {
      throw ParameterFileError(path: path, problem: .otherFormat)
    }
    let names = Set(slots.map(\.name))
    if let extra = file.tensors.first(where: { !names.contains($0.name) }) {
      throw ParameterFileError(path: path, problem: .unknown(extra.name))
    }
    for slot in slots {
      guard let found = file.description(of: slot.name) else {
        throw ParameterFileError(path: path, problem: .missing(slot.name))
      }
      guard found.shape == slot.shape, found.element == .float32 else {
        throw ParameterFileError(
          path: path,
          problem: .otherShape(slot.name, found: found.shape, expected: slot.shape))
      }
    }
    for slot in slots {
      let values = try file.floats(slot.name)
      _ = unsafe slot.values.update(fromContentsOf: values)
    }
  }
}
