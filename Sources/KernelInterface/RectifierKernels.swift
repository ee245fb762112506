/// Kernels of the rectifiers x > 0 ? x : slope·x, and of the bit masks that remember their signs.
///
/// A mask holds bit i % 8 of byte i / 8 for element i, set where the value is above 0. Other kernels
/// rectify what they write, too: a slope of 1 changes nothing.
package protocol RectifierKernels {
  /// Writes x > 0 ? x : negativeSlope·x, and NaN for NaN, and if asked the mask of the output;
  /// `output` may be `input`.
  func rectify(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    negativeSlope: Float, mask: UnsafeMutablePointer<UInt8>?)

  /// Writes or adds the gradient where `output` is above 0, negativeSlope times it elsewhere.
  func rectifyBackward(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool)

  /// Writes or adds the gradient where the mask is set, negativeSlope times it elsewhere.
  func rectifyBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool)

  /// Writes ⌈count/8⌉ bytes of mask; bits beyond `count` are 0.
  func packSigns(
    of values: UnsafePointer<Float>, into mask: UnsafeMutablePointer<UInt8>, count: Int)
}
