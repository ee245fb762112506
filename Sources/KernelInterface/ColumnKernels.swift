/// Kernels that move some columns of a matrix between rows of different lengths.
package protocol ColumnKernels {
  /// Copies `columns` columns of every row, or adds them; strides are the rows' lengths.
  func copyColumns(
    _ source: UnsafePointer<Float>, stride sourceStride: Int,
    into destination: UnsafeMutablePointer<Float>, stride destinationStride: Int, rows: Int,
    columns: Int, accumulate: Bool)
}
