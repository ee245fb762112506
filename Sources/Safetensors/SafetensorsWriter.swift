import Files

/// A tensor to be written.
@safe package struct TensorContents {
  /// The elements, the last axis fastest.
  @safe package enum Values {
    /// Floats in an array.
    case floats([Float])
    /// Floats elsewhere, which must stay there until the file is written.
    case borrowedFloats(UnsafeBufferPointer<Float>)
    /// Whole numbers in an array.
    case integers([Int64])
  }

  package let name: String
  package let shape: [Int]
  package let values: Values

  /// Creates a tensor; the shape must hold as many elements as there are values.
  package init(name: String, shape: [Int], values: Values) {
    self.name = name
    self.shape = shape
    self.values = values
    precondition(
      shape.reduce(1, *) == count, "tensor '\(name)' has \(count) values for shape \(shape)")
  }

  private var count: Int {
    switch values {
    case .floats(let values): values.count
    case .borrowedFloats(let values): values.count
    case .integers(let values): values.count
    }
  }

  fileprivate var element: TensorElement {
    switch values {
    case .floats, .borrowedFloats: .float32
    case .integers: .int64
    }
  }

  fileprivate var byteCount: Int { count * element.size }

  fileprivate func write(to writer: inout AtomicFileWriter) throws(FileFailure) {
    // Arrays are little-endian in memory on every machine that the kernels are built for.
    switch values {
    case .floats(let values): try writer.write(values)
    case .borrowedFloats(let values): try unsafe writer.write(UnsafeRawBufferPointer(values))
    case .integers(let values): try writer.write(values)
    }
  }
}

extension SafetensorsFile {
  /// Writes a file whole or not at all, the tensors' data in the given order.
  ///
  /// - Parameters:
  ///   - tensors: What to write; the names must differ.
  ///   - metadata: Strings for the header.
  ///   - path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  package static func write(
    _ tensors: [TensorContents], metadata: [String: String] = [:], to path: String
  ) throws {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "tensor names must differ")
    var entries: [String: JSONValue] = [:]
    if !metadata.isEmpty {
      entries["__metadata__"] = .object(metadata.mapValues { .string($0) })
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      entries[tensor.name] = .object([
        "dtype": .string(tensor.element.rawValue),
        "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ])
      offset = end
    }
    var header = try JSONValue.object(entries).text()
    // Spaces bring the data to a multiple of eight bytes, so that readers can map them.
    header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)

    var writer = try AtomicFileWriter(path: path)
    try writer.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) })
    try writer.write(header)
    for tensor in tensors { try tensor.write(to: &writer) }
    try writer.commit()
  }
}

extension AtomicFileWriter {
  /// Appends the bytes of an array's elements.
  fileprivate mutating func write<Element: BitwiseCopyable>(
    _ elements: [Element]
  ) throws(FileFailure) {
    var failure: FileFailure?
    unsafe elements.withUnsafeBytes { bytes in
      do throws(FileFailure) {
        try unsafe write(bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
