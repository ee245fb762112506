import KernelInterface

extension Engine {
  /// Adds up gradients of weights and bias, which every part of the work has computed for itself, in the
  /// order of the parts; allocates nothing.
  ///
  /// - Parameters:
  ///   - parts: For each part the gradient of the weights, then that of the bias.
  ///   - count: The number of parts.
  ///   - distance: The floats from a part to the next.
  ///   - geometry: The convolution.
  ///   - weightGradient: Receives `geometry.weightCount` floats.
  ///   - biasGradient: Receives one float an output channel, or none.
  ///   - accumulate: Whether to add to what stands in both gradients.
  func sumGradients(
    ofParts parts: UnsafePointer<Float>, count: Int, distance: Int,
    _ geometry: ConvolutionGeometry, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?, accumulate: Bool
  ) {
    // Parts are read from all cores' caches: shared out, that takes half the time on two.
    forEachRange(of: geometry.weightCount, length: 4096) { range in
      unsafe kernels.sumParts(
        parts + range.lowerBound, parts: count, distance: distance,
        into: weightGradient + range.lowerBound, count: range.count, accumulate: accumulate)
    }
    guard let biasGradient = unsafe biasGradient else { return }
    unsafe kernels.sumParts(
      parts + geometry.weightCount, parts: count, distance: distance, into: biasGradient,
      count: geometry.outputChannels, accumulate: accumulate)
  }
}
