/// Kernels that add up rows.
package protocol ReductionKernels {
  /// Adds each of `rows` rows to `sums`.
  func addRows(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Float>)
}
