/// Kernels that hold numbers in few bits.
package protocol QuantizationKernels {
  /// Encodes `count` numbers in groups of 256.
  ///
  /// Group g, counted from `firstGroup`, takes its random numbers from a part of the stream that
  /// belongs to g.
  func encodeGroups(
    _ values: UnsafePointer<Float>, count: Int, bits: Quantization.Bits,
    stream: UInt64, firstGroup: Int, into stored: UnsafeMutableRawPointer)

  /// Decodes `count` numbers from groups of 256.
  func decodeGroups(
    _ stored: UnsafeRawPointer, count: Int, bits: Quantization.Bits,
    into values: UnsafeMutablePointer<Float>)
}
