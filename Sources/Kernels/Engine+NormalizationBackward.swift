import KernelInterface

extension Engine {
  /// The gradients of batch normalisation, or of batch normalisation and a rectifier behind it.
  ///
  /// With x̂ = (x − mean)/√(variance + epsilon) and g the output's gradient: dβ = Σ g, dγ = Σ g·x̂,
  /// and dx = γ/√(variance + epsilon) · (g − dβ/rows − x̂·dγ/rows) in training, where the statistics
  /// depend on x, or only the first term in inference. Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (rows, channels).
  ///   - mean: `channels` elements, as in the forward pass.
  ///   - variance: `channels` elements, biased.
  ///   - epsilon: Added to the variance.
  ///   - gamma: γ, `channels` elements.
  ///   - outputGradient: (rows, channels): with a mask, the gradient behind the rectifier.
  ///   - mask: If given, the bits that `batchNormalizationApply` wrote: the gradient of a rectifier
  ///     with `negativeSlope` is taken first.
  ///   - negativeSlope: The slope of the rectifier; without a mask it is not used.
  ///   - inputGradient: (rows, channels), or nil if nobody asks for it; may be `outputGradient`
  ///     unless accumulating.
  ///   - gammaGradient: `channels` elements.
  ///   - betaGradient: `channels` elements.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - training: Whether mean and variance are those of the input itself.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  ///   - accumulateParameters: The same for the gradients of γ and β.
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func batchNormalizationBackward(
    input: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    epsilon: Float, gamma: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    mask: UnsafePointer<UInt8>? = nil, negativeSlope: Float = 0,
    inputGradient: UnsafeMutablePointer<Float>?, gammaGradient: UnsafeMutablePointer<Float>,
    betaGradient: UnsafeMutablePointer<Float>, rows: Int, channels: Int, training: Bool,
    accumulate: Bool, accumulateParameters: Bool, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    unsafe plan.setShared(0, in: scratch) { unsafe Double(mean[$0]) }
    let center = unsafe plan.shared(0, in: scratch)
    unsafe addByChannel(plan, scratch: scratch) { block, sums in
      let start = block.lowerBound
      unsafe kernels.columnProducts(
        input + start, gradient: outputGradient + start, mask: mask.map { unsafe $0 + start / 8 },
        negativeSlope: negativeSlope, count: block.count, columns: plan.columns, center: center,
        sums: sums, products: sums + plan.columns)
    }
    // dx = scale·((g − mean of g) − slope·(x − mean)), the second and third terms in training only.
    // Differences come first: where they cancel, they cancel exactly.
    let gradientCenter = unsafe plan.shared(1, in: scratch)
    let slope = unsafe plan.shared(2, in: scratch)
    let scale = unsafe plan.shared(3, in: scratch)
    let share = training ? 1 / Double(rows) : 0
    for channel in 0..<channels {
      let deviation = unsafe inverseDeviation(variance[channel], epsilon)
      let sums = unsafe total(plan, ofChannel: channel, scratch: scratch)
      let gammaSum = sums.1 * deviation
      let old =
        accumulateParameters
        ? unsafe (gammaGradient[channel], betaGradient[channel]) : (0, 0)
      unsafe gammaGradient[channel] = old.0 + Float(gammaSum)
      unsafe betaGradient[channel] = old.1 + Float(sums.0)
      unsafe gradientCenter[channel] = Float(sums.0 * share)
      unsafe slope[channel] = Float(gammaSum * deviation * share)
      unsafe scale[channel] = Float(Double(gamma[channel]) * deviation)
    }
    guard let inputGradient = unsafe inputGradient else { return }
    for index in 1...3 { unsafe plan.repeatShared(index, in: scratch) }
    forEachRange(of: plan.count, length: plan.taskElements) { range in
      let start = range.lowerBound
      unsafe kernels.normalizationGradient(
        input + start, gradient: outputGradient + start, mask: mask.map { unsafe $0 + start / 8 },
        negativeSlope: negativeSlope, into: inputGradient + start, count: range.count,
        columns: plan.columns, center: center, gradientCenter: gradientCenter, slope: slope,
        scale: scale, accumulate: accumulate)
    }
  }
}
