/// Kernels that pass over arrays of floats element by element, each call over one contiguous range.
package protocol ElementwiseKernels {
  /// Adds `source` to `destination`.
  func accumulate(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int)
}
