/// Kernels that hold numbers in few bits.
package protocol QuantizationKernels {
  /// Encodes `count` numbers in groups of 256.
  ///
  /// Group g, counted from `firstGroup`, takes its random numbers from a part of the stream that
  /// belongs to g. The quantisation's own seed is not read.
  func encodeGroups(
    _ values: UnsafePointer<Float>, count: Int, as quantization: Quantization,
    stream: UInt64, firstGroup: Int, into stored: UnsafeMutableRawPointer)

  /// Decodes `count` numbers from groups of 256.
  func decodeGroups(
    _ stored: UnsafeRawPointer, count: Int, as quantization: Quantization,
    into values: UnsafeMutablePointer<Float>)
}
