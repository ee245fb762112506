/// Kernels of the normalisations, which treat an array as rows of `columns` elements.
///
/// The last row may be shorter: `count` need not be a multiple of `columns`. Vectors over the
/// columns (`center`, `scale` and so on) have `columns` elements. Channels become columns directly,
/// or several rows of few channels make one row of many columns, so that vectors are full. With a
/// mask, `columns` is a multiple of 8, so that rows begin at whole bytes.
package protocol NormalizationKernels {
  /// Adds x to `sums`, by column.
  func columnSums(
    _ input: UnsafePointer<Float>, count: Int, columns: Int, sums: UnsafeMutablePointer<Float>)

  /// Adds x − center to `sums` and (x − center)² to `squares`, by column.
  func columnMoments(
    _ input: UnsafePointer<Float>, count: Int, columns: Int, center: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>)

  /// Adds g to `sums` and g·(x − center) to `products`, by column.
  ///
  /// g is `gradient`, times `negativeSlope` where (x − center)·scale + shift is not above 0: the
  /// gradient before a rectifier; a slope of 1 changes nothing.
  func columnProducts(
    _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, count: Int, columns: Int,
    center: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    negativeSlope: Float, sums: UnsafeMutablePointer<Float>,
    products: UnsafeMutablePointer<Float>)

  /// Writes (x − center)·scale + shift, rectified, and if asked the mask of the output.
  ///
  /// `output` may be `input`.
  func normalize(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    columns: Int, center: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, negativeSlope: Float, mask: UnsafeMutablePointer<UInt8>?)

  /// Writes or adds scale·((g − gradientCenter) − slope·(x − center)); `output` may be `gradient`.
  ///
  /// g is that of `columnProducts`.
  func normalizationGradient(
    _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, columns: Int,
    center: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    negativeSlope: Float, gradientCenter: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    accumulate: Bool)
}
