/// How local response normalisation divides: y = x/(offset + factor · Σ x²)^exponent, where the sum
/// goes over `size` neighbouring channels.
package struct LocalResponse: Sendable {
  /// The channels of a window, cut off at the first and the last channel.
  package let size: Int
  /// What the sum of squares is multiplied by.
  package let factor: Float
  /// The exponent.
  package let exponent: Float
  /// What is added to the sum.
  package let offset: Float

  package init(size: Int, factor: Float, exponent: Float, offset: Float) {
    self.size = size
    self.factor = factor
    self.exponent = exponent
    self.offset = offset
  }

  /// The channels before one that its window reaches; a window of an even size reaches further down
  /// than up.
  package var before: Int { size / 2 }
  /// The channels behind one that its window reaches.
  package var behind: Int { (size - 1) / 2 }

  /// The floats of scratch that a kernel works in for pixels of so many channels.
  package func scratchCount(channels: Int) -> Int { 3 * (channels + size + 16) }
}

/// Kernels of local response normalisation, each call over some pixels: (pixels, channels).
package protocol LocalResponseKernels {
  /// Writes the normalised values; `output` may be `input`.
  func normalizeLocally(
    _ response: LocalResponse, _ input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, pixels: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>)

  /// Writes or adds the gradients of the input; `inputGradient` may be `outputGradient`.
  func normalizeLocallyBackward(
    _ response: LocalResponse, _ input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, pixels: Int,
    channels: Int, accumulate: Bool, scratch: UnsafeMutablePointer<Float>)
}
