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
  ///   - beta: β, `channels` elements; only the rectifier's side depends on it.
  ///   - outputGradient: (rows, channels): with a slope, the gradient behind the rectifier.
  ///   - negativeSlope: If given, the gradient of a rectifier with this slope is taken first. On
  ///     which side it was is computed anew from the input, as in the forward pass.
  ///   - inputGradient: (rows, channels), or nil if nobody asks for it; may be `outputGradient`
  ///     unless accumulating.
  ///   - gammaGradient: `channels` elements, or nil if nobody asks for it.
  ///   - betaGradient: `channels` elements, or nil if nobody asks for it.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - training: Whether mean and variance are those of the input itself.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  ///   - accumulateParameters: The same for the gradients of γ and β.
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func batchNormalizationBackward(
    input: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    epsilon: Float, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, negativeSlope: Float? = nil,
    inputGradient: UnsafeMutablePointer<Float>?, gammaGradient: UnsafeMutablePointer<Float>?,
    betaGradient: UnsafeMutablePointer<Float>?, rows: Int, channels: Int, training: Bool,
    accumulate: Bool, accumulateParameters: Bool, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    let center = unsafe plan.shared(0, in: scratch)
    let scale = unsafe plan.shared(1, in: scratch)
    let shift = unsafe plan.shared(2, in: scratch)
    let rectifierSlope = negativeSlope ?? 1
    unsafe setNormalization(
      plan, mean: mean, variance: variance, epsilon: epsilon, gamma: gamma, beta: beta,
      scratch: scratch)
    unsafe addByChannel(plan, scratch: scratch) { block, sums in
      let start = block.lowerBound
      unsafe kernels.columnProducts(
        input + start, gradient: outputGradient + start, count: block.count,
        columns: plan.columns, center: center, scale: scale, shift: shift,
        negativeSlope: rectifierSlope, sums: sums, products: sums + plan.columns)
    }
    // dx = scale·((g − mean of g) − slope·(x − mean)), the second and third terms in training only.
    // Differences come first: where they cancel, they cancel exactly.
    let gradientCenter = unsafe plan.shared(3, in: scratch)
    let slope = unsafe plan.shared(4, in: scratch)
    let share = training ? 1 / Double(rows) : 0
    for channel in 0..<channels {
      let deviation = unsafe inverseDeviation(variance[channel], epsilon)
      let sums = unsafe total(plan, ofChannel: channel, scratch: scratch)
      let gammaSum = sums.1 * deviation
      if let gammaGradient = unsafe gammaGradient {
        unsafe gammaGradient[channel] =
          (accumulateParameters ? gammaGradient[channel] : 0) + Float(gammaSum)
      }
      if let betaGradient = unsafe betaGradient {
        unsafe betaGradient[channel] =
          (accumulateParameters ? betaGradient[channel] : 0) + Float(sums.0)
      }
      unsafe gradientCenter[channel] = Float(sums.0 * share)
      unsafe slope[channel] = Float(gammaSum * deviation * share)
    }
    guard let inputGradient = unsafe inputGradient else { return }
    for index in 3...4 { unsafe plan.repeatShared(index, in: scratch) }
    forEachRange(of: plan.count, length: plan.taskElements) { range in
      let start = range.lowerBound
      unsafe kernels.normalizationGradient(
        input + start, gradient: outputGradient + start, into: inputGradient + start,
        count: range.count, columns: plan.columns, center: center, scale: scale, shift: shift,
        negativeSlope: rectifierSlope, gradientCenter: gradientCenter, slope: slope,
        accumulate: accumulate)
    }
  }

  /// The gradient of the input of a normalisation with fixed statistics: dx = γ/√(variance + epsilon) · g,
  /// for which nothing of the input is needed.
  ///
  /// The bits are those of `batchNormalizationBackward` with `training` false. Allocates nothing.
  ///
  /// - Parameters:
  ///   - mean: `channels` elements.
  ///   - variance: `channels` elements, biased.
  ///   - epsilon: Added to the variance.
  ///   - gamma: γ, `channels` elements.
  ///   - beta: β, `channels` elements.
  ///   - outputGradient: (rows, channels).
  ///   - inputGradient: (rows, channels); may be `outputGradient` unless accumulating.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func fixedNormalizationBackward(
    mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, epsilon: Float,
    gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, rows: Int, channels: Int, accumulate: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    unsafe setNormalization(
      plan, mean: mean, variance: variance, epsilon: epsilon, gamma: gamma, beta: beta,
      scratch: scratch)
    for index in 3...4 { unsafe plan.setShared(index, in: scratch) { _ in 0 } }
    forEachRange(of: plan.count, length: plan.taskElements) { range in
      let start = range.lowerBound
      // With a slope of 0 nothing comes of the input: any finite values stand in for it.
      unsafe kernels.normalizationGradient(
        outputGradient + start, gradient: outputGradient + start, into: inputGradient + start,
        count: range.count, columns: plan.columns, center: plan.shared(0, in: scratch),
        scale: plan.shared(1, in: scratch), shift: plan.shared(2, in: scratch), negativeSlope: 1,
        gradientCenter: plan.shared(3, in: scratch), slope: plan.shared(4, in: scratch),
        accumulate: accumulate)
    }
  }
}
