/// What is done with two values.
public enum BinaryOperation: Hashable, Sendable {
  /// a·b.
  case multiply
  /// a − b.
  case subtract
}

/// Kernels that take two values together, of which the second may be spread over the first.
package protocol ProductKernels {
  /// Writes or adds a ∘ row for each of `rows` rows; `output` may be `a`, and with a single row the
  /// row itself.
  func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, row: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int, accumulate: Bool)

  /// Writes or adds a ∘ b, where all elements of a row have the same b; `output` may be `a`.
  func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, column: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int, accumulate: Bool)

  /// Writes or adds, for every column, the sum over the rows of g·a, or of −g without an `a`; a row
  /// is `stride` floats from the next.
  func columnSums(
    ofProducts gradient: UnsafePointer<Float>, with a: UnsafePointer<Float>?, rows: Int,
    columns: Int, stride: Int, into sums: UnsafeMutablePointer<Float>, accumulate: Bool)

  /// Writes or adds, for every row, the sum over its elements of g·a, or of −g without an `a`.
  func rowSums(
    ofProducts gradient: UnsafePointer<Float>, with a: UnsafePointer<Float>?, rows: Int,
    columns: Int, into sums: UnsafeMutablePointer<Float>, accumulate: Bool)
}
