import Files
import Safetensors

/// A tensor of a training, where it is in memory.
@safe struct TensorSlot {
  /// The name, unique in a file.
  let name: String
  /// The extents that a file gives it.
  let shape: [Int]
  /// The elements, the last axis fastest.
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

extension SafetensorsFile {
  /// Requires that a file holds tensors of floats with these names and shapes and, but for those
  /// that `isIgnored` tells by name, no others.
  ///
  /// - Throws: `ParameterFileError` that names the first tensor that does not fit.
  func require(
    _ expected: [(name: String, shape: [Int])],
    ignoring isIgnored: (String) -> Bool = { _ in false }
  ) throws(ParameterFileError) {
    let names = Set(expected.map(\.name))
    if let extra = tensors.first(where: { !names.contains($0.name) && !isIgnored($0.name) }) {
      throw ParameterFileError(path: path, problem: .unknown(extra.name))
    }
    for (name, shape) in expected {
      guard let found = description(of: name) else {
        throw ParameterFileError(path: path, problem: .missing(name))
      }
      guard found.shape == shape, found.element == .float32 else {
        throw ParameterFileError(
          path: path, problem: .otherShape(name, found: found.shape, expected: shape))
      }
    }
  }
}
