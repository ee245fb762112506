/// Kernels that pass over arrays of floats element by element, each call over one contiguous range.
///
/// Where arrays may share memory they must be the same array: partial overlap is never allowed.
package protocol ElementwiseKernels {
  /// Adds `source` to `destination`.
  func accumulate(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int)

  /// Writes a + b, rectified, and if asked the mask of the output, which may be `a` or `b`.
  func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float,
    mask: UnsafeMutablePointer<UInt8>?)

  /// Writes a − b; `output` may be `a`.
  func subtract(
    _ b: UnsafePointer<Float>, from a: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int)

  /// Copies `source`.
  func copy(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int)

  /// Writes `value` everywhere.
  func fill(_ destination: UnsafeMutablePointer<Float>, with value: Float, count: Int)

  /// Multiplies every element by `factor`.
  func scale(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int)

  /// Whether no element is infinite or not a number.
  func isFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool

  /// Writes rows `firstRow..<firstRow + rowCount` of a matrix of `rows` × `columns` into the same
  /// columns of its transpose.
  func transpose(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, firstRow: Int, rowCount: Int)
}
