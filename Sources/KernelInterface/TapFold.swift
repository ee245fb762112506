/// Folds of a map as the taps of a kernel see it, all at once.
///
/// The map lies in the midst of zeros, so that every tap finds something at every pixel. For tap u and
/// pixel n the row begins at `source + pixelOffsets[n] + tapOffsets[u]`; with its sign it is added to
/// bucket n mod `bucketCount` of that tap. Buckets are written, not added to.
@safe
package struct TapFold {
  /// The numbers of a row that are wanted; rows are padded to a multiple of 16 numbers.
  package let columns: Int
  package let source: UnsafePointer<Float>
  package let pixelOffsets: UnsafePointer<Int32>
  package let pixelCount: Int
  /// ±1 for each pixel.
  package let signs: UnsafePointer<Float>
  package let tapOffsets: UnsafePointer<Int32>
  package let tapCount: Int
  package let bucketCount: Int
  package let buckets: UnsafeMutablePointer<Float>
  /// The floats from a bucket to the next, and from a tap to the next.
  package let bucketStride: Int
  package let tapStride: Int

  package init(
    columns: Int, source: UnsafePointer<Float>, pixelOffsets: UnsafePointer<Int32>,
    pixelCount: Int, signs: UnsafePointer<Float>, tapOffsets: UnsafePointer<Int32>, tapCount: Int,
    bucketCount: Int, buckets: UnsafeMutablePointer<Float>, bucketStride: Int, tapStride: Int
  ) {
    self.columns = columns
    unsafe self.source = source
    unsafe self.pixelOffsets = pixelOffsets
    self.pixelCount = pixelCount
    unsafe self.signs = signs
    unsafe self.tapOffsets = tapOffsets
    self.tapCount = tapCount
    self.bucketCount = bucketCount
    unsafe self.buckets = buckets
    self.bucketStride = bucketStride
    self.tapStride = tapStride
  }
}
