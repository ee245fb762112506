import Files

/// A safetensors file in memory, checked as a whole when it is opened.
///
/// The format: eight bytes with the length of the header, little-endian; a JSON header that maps
/// names to `dtype`, `shape` and `data_offsets`; then the raw little-endian data, which the tensors
/// cover without gap or overlap.
package struct SafetensorsFile: Sendable {
  /// The path that the file was read from.
  package let path: String
  /// The strings under `__metadata__`.
  package let metadata: [String: String]
  /// The tensors, in the order of their data.
  package let tensors: [TensorDescription]

  private let bytes: [UInt8]
  private let dataStart: Int
  private let indices: [String: Int]

  /// Reads and checks a file; holds one array of its size.
  ///
  /// - Throws: `FileFailure` or `SafetensorsError`.
  package init(path: String) throws {
    try self.init(bytes: FileReading.bytes(of: path), path: path)
  }

  /// Checks a file that is in memory already; `path` is what errors call it.
  package init(bytes: [UInt8], path: String) throws(SafetensorsError) {
    let header = try SafetensorsHeader(bytes: bytes, path: path)
    self.path = path
    self.bytes = bytes
    metadata = header.metadata
    tensors = header.tensors
    dataStart = header.dataStart
    indices = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { ($0.element.name, $0.offset) })
  }
}

// MARK: - Access

extension SafetensorsFile {
  /// What the file says of the tensor of that name, or nil when there is none.
  package func description(of name: String) -> TensorDescription? {
    indices[name].map { tensors[$0] }
  }

  /// The elements of a tensor of 32-bit floats, the last axis fastest; one array.
  package func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    try elements(name, as: .float32) { (bits: UInt32) in Float(bitPattern: bits) }
  }

  /// The elements of a tensor of 64-bit integers, the last axis fastest; one array.
  package func integers(_ name: String) throws(SafetensorsError) -> [Int64] {
    try elements(name, as: .int64) { (bits: UInt64) in Int64(bitPattern: bits) }
  }

  private func elements<Bits: FixedWidthInteger, Value>(
    _ name: String, as element: TensorElement, _ value: (Bits) -> Value
  ) throws(SafetensorsError) -> [Value] {
    guard let tensor = description(of: name) else {
      throw SafetensorsError(path: path, problem: .missingTensor(name))
    }
    guard tensor.element == element else {
      throw SafetensorsError(
        path: path,
        problem: .otherType(
          tensor: name, type: tensor.element.rawValue, expected: element.rawValue))
    }
    let start = dataStart + tensor.range.lowerBound
    // The data need not be aligned to their elements.
    return unsafe bytes.withUnsafeBytes { buffer in
      (0..<tensor.count).map { index in
        let bits = unsafe buffer.loadUnaligned(
          fromByteOffset: start + index * element.size, as: Bits.self)
        return value(Bits(littleEndian: bits))
      }
    }
  }
}
