/// Kernels of nearest upsampling, each call over some lines of a map: (lines, width, channels).
///
/// An input line becomes `geometry.linesPerLine` output lines; what these are, the geometry tells.
package protocol UpsamplingKernels {
  /// Writes every output pixel of the input lines' copies.
  func upsample(
    _ geometry: UpsamplingGeometry, inputLines: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>)

  /// Writes, for every pixel of the input lines, the sum of the gradients of its copies, or adds it.
  func upsampleBackward(
    _ geometry: UpsamplingGeometry, inputLines: Range<Int>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulate: Bool)
}
