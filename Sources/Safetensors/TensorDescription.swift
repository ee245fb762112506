/// The element types that this project reads and writes.
package enum TensorElement: String, Sendable, CaseIterable {
  /// 32-bit floating point.
  case float32 = "F32"
  /// 64-bit signed integers.
  case int64 = "I64"

  /// Bytes an element.
  package var size: Int {
    switch self {
    case .float32: 4
    case .int64: 8
    }
  }
}

/// What a file says of one tensor.
package struct TensorDescription: Sendable, Equatable {
  /// The tensor's name, unique in its file.
  package let name: String
  /// The type of its elements.
  package let element: TensorElement
  /// Its extents, the slowest axis first; the empty list is a scalar.
  package let shape: [Int]
  /// Where its bytes are, counted from the end of the header.
  package let range: Range<Int>

  /// The number of its elements.
  package var count: Int { range.count / element.size }
}
