/// Kernels of the pooling layers; maps are (batch, depth, height, width, channels).
///
/// Rows are counted over batch, depth and height. The backward kernels gather: each pixel of the
/// input collects from the windows that cover it, so that rows are independent of each other.
package protocol PoolingKernels {
  /// Writes the maxima of some output rows and, if asked, which cell of the window held each.
  func maxPool(
    _ geometry: PoolingGeometry, outputRows: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, indices: UnsafeMutablePointer<UInt8>?)

  /// Writes or adds the gradients of some input rows.
  func maxPoolBackward(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, indices: UnsafePointer<UInt8>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool)

  /// Writes the means of some output rows.
  func averagePool(
    _ geometry: PoolingGeometry, outputRows: Range<Int>, countIncludePadding: Bool,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>)

  /// Writes or adds the gradients of some input rows.
  func averagePoolBackward(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, countIncludePadding: Bool,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool)

  /// Writes or adds `row` times `factor` to each of `rows` rows.
  func broadcast(
    _ row: UnsafePointer<Float>, times factor: Float, into output: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, accumulate: Bool)
}
