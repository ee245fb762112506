import KernelInterface

extension Engine {
  /// The bytes of scratch of each of the batch normalisation methods.
  ///
  /// - Parameters:
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - threadCount: The number of threads of the engine.
  /// - Returns: A number of bytes that depends on nothing else.
  public static func batchNormalizationScratchBytes(
    rows: Int, channels: Int, threadCount: Int
  ) -> Int {
    NormalizationPlan(rows: rows, channels: channels).scratchBytes(threadCount: threadCount)
  }

  /// Writes the mean and the biased variance of every channel.
  ///
  /// One pass over the input, relative to an estimate of the mean from rows spread over the whole
  /// input, so that nothing cancels where the mean is far from 0; the final sums are in double
  /// precision. Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (rows, channels).
  ///   - rows: Batch times pixels. With none, mean and variance are 0.
  ///   - channels: The number of channels.
  ///   - mean: `channels` elements.
  ///   - variance: `channels` elements: the mean of (x − mean)².
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func batchNormalizationStatistics(
    input: UnsafePointer<Float>, rows: Int, channels: Int,
    mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    let center = unsafe plan.shared(0, in: scratch)
    unsafe estimateMean(of: input, rows: rows, plan: plan, scratch: scratch)
    unsafe addByChannel(plan, scratch: scratch) { block, sums in
      unsafe kernels.columnMoments(
        input + block.lowerBound, count: block.count, columns: plan.columns, center: center,
        sums: sums, squares: sums + plan.columns)
    }
    let scale = rows == 0 ? 0 : 1 / Double(rows)
    for channel in 0..<channels {
      let sums = unsafe total(plan, ofChannel: channel, scratch: scratch)
      let offset = sums.0 * scale
      unsafe mean[channel] = Float(Double(center[channel]) + offset)
      unsafe variance[channel] = Float(max(0, sums.1 * scale - offset * offset))
    }
  }

  /// Moves running statistics towards those of a batch, as PyTorch does.
  ///
  /// running ← (1 − momentum)·running + momentum·batch, with the unbiased variance (over rows − 1;
  /// a single row counts as biased, its variance is 0). Allocates nothing.
  ///
  /// - Parameters:
  ///   - mean: The batch's means; `channels` elements.
  ///   - variance: The batch's biased variances; `channels` elements.
  ///   - rows: The rows that they were taken over.
  ///   - channels: The number of channels.
  ///   - momentum: The share of the new batch.
  ///   - runningMean: `channels` elements.
  ///   - runningVariance: `channels` elements.
  public func updateRunningStatistics(
    mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, rows: Int, channels: Int,
    momentum: Float, runningMean: UnsafeMutablePointer<Float>,
    runningVariance: UnsafeMutablePointer<Float>
  ) {
    let unbiased = Float(Double(rows) / Double(max(1, rows - 1)))
    for channel in 0..<channels {
      unsafe runningMean[channel] =
        (1 - momentum) * runningMean[channel] + momentum * mean[channel]
      unsafe runningVariance[channel] =
        (1 - momentum) * runningVariance[channel] + momentum * (variance[channel] * unbiased)
    }
  }

  /// Normalises: γ·(x − mean)/√(variance + epsilon) + β, or a rectifier of that.
  ///
  /// For training with the statistics of the batch, for inference with the running ones. Allocates
  /// nothing.
  ///
  /// - Parameters:
  ///   - input: (rows, channels).
  ///   - mean: `channels` elements.
  ///   - variance: `channels` elements, biased.
  ///   - epsilon: Added to the variance.
  ///   - gamma: γ, `channels` elements.
  ///   - beta: β, `channels` elements.
  ///   - output: (rows, channels); may be the input.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - negativeSlope: If given, the result is rectified as by `rectify`, in the same pass.
  ///   - mask: If given, ⌈rows·channels/8⌉ bytes, which take the bits of `packSigns` for the
  ///     output.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func batchNormalizationApply(
    input: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    epsilon: Float, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, rows: Int, channels: Int,
    negativeSlope: Float? = nil, mask: UnsafeMutablePointer<UInt8>? = nil,
    sketching: SampleSketching? = nil, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    unsafe setNormalization(
      plan, mean: mean, variance: variance, epsilon: epsilon, gamma: gamma, beta: beta,
      scratch: scratch)
    unsafe normalize(
      input, into: output, plan: plan, negativeSlope: negativeSlope, mask: mask,
      sketching: sketching, scratch: scratch)
  }

  /// Recovers what was normalised: mean + (y − β)·√(variance + epsilon)/γ.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - output: y, (rows, channels), not rectified.
  ///   - mean: `channels` elements.
  ///   - variance: `channels` elements, biased.
  ///   - epsilon: What was added to the variance.
  ///   - gamma: γ, `channels` elements, none of them 0.
  ///   - beta: β, `channels` elements.
  ///   - input: Receives (rows, channels); may be the output.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - scratch: `batchNormalizationScratchBytes` bytes, aligned to 4.
  public func batchNormalizationInvert(
    output: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    epsilon: Float, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
    input: UnsafeMutablePointer<Float>, rows: Int, channels: Int, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    unsafe plan.setShared(0, in: scratch) { unsafe Double(beta[$0]) }
    unsafe plan.setShared(1, in: scratch) {
      unsafe 1 / (Double(gamma[$0]) * inverseDeviation(variance[$0], epsilon))
    }
    unsafe plan.setShared(2, in: scratch) { unsafe Double(mean[$0]) }
    unsafe normalize(
      output, into: input, plan: plan, negativeSlope: nil, mask: nil, sketching: nil,
      scratch: scratch)
  }

  /// Writes (x − center)·scale + shift with shared vectors 0, 1 and 2, rectified if asked.
  private func normalize(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    plan: NormalizationPlan, negativeSlope: Float?, mask: UnsafeMutablePointer<UInt8>?,
    sketching: SampleSketching?, scratch: UnsafeMutableRawPointer
  ) {
    let center = unsafe plan.shared(0, in: scratch)
    let scale = unsafe plan.shared(1, in: scratch)
    let shift = unsafe plan.shared(2, in: scratch)
    forEachRange(of: plan.count, length: plan.taskElements, sketching: sketching) { range in
      let start = range.lowerBound
      unsafe kernels.normalize(
        input + start, into: output + start, count: range.count, columns: plan.columns,
        center: center, scale: scale, shift: shift, negativeSlope: negativeSlope ?? 1,
        mask: mask.map { unsafe $0 + start / 8 })
    }
  }

  /// Writes shared vectors 0, 1 and 2: mean, γ/√(variance + epsilon) and β.
  func setNormalization(
    _ plan: NormalizationPlan, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    epsilon: Float, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    unsafe plan.setShared(0, in: scratch) { unsafe Double(mean[$0]) }
    unsafe plan.setShared(1, in: scratch) {
      unsafe Double(gamma[$0]) * inverseDeviation(variance[$0], epsilon)
    }
    unsafe plan.setShared(2, in: scratch) { unsafe Double(beta[$0]) }
  }

  /// Adds up two sums of every channel: `body` adds those of one block, by column, to its second
  /// argument, where the second sums follow the first.
  ///
  /// The sums of blocks are added block by block, and the tasks keep theirs apart: short chains of
  /// additions, whose order no thread changes.
  func addByChannel(
    _ plan: NormalizationPlan, scratch: UnsafeMutableRawPointer,
    _ body: (_ block: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void
  ) {
    pool.parallel(taskCount: plan.taskCount) { task, worker in
      let sums = unsafe plan.sums(ofWorker: worker, in: scratch)
      let totals = unsafe plan.totals(ofTask: task, in: scratch)
      unsafe kernels.fill(totals, with: 0, count: 2 * plan.channels)
      let end = min(plan.count, (task + 1) * plan.taskElements)
      for start in stride(from: task * plan.taskElements, to: end, by: plan.blockElements) {
        unsafe kernels.fill(sums, with: 0, count: 2 * plan.columns)
        unsafe body(start..<min(end, start + plan.blockElements), sums)
        for column in stride(from: 0, to: plan.columns, by: plan.channels) {
          unsafe kernels.accumulate(sums + column, into: totals, count: plan.channels)
          unsafe kernels.accumulate(
            sums + plan.columns + column, into: totals + plan.channels, count: plan.channels)
        }
      }
    }
  }

  /// The two sums of a channel over all tasks.
  func total(
    _ plan: NormalizationPlan, ofChannel channel: Int, scratch: UnsafeMutableRawPointer
  ) -> (Double, Double) {
    var result = (0.0, 0.0)
    for task in 0..<plan.taskCount {
      let totals = unsafe plan.totals(ofTask: task, in: scratch)
      result.0 += unsafe Double(totals[channel])
      result.1 += unsafe Double(totals[plan.channels + channel])
    }
    return result
  }

  /// 1/√(variance + epsilon).
  func inverseDeviation(_ variance: Float, _ epsilon: Float) -> Double {
    1 / (Double(variance) + Double(epsilon)).squareRoot()
  }

  /// Writes shared vector 0: the mean of some rows, spread evenly over all.
  private func estimateMean(
    of input: UnsafePointer<Float>, rows: Int, plan: NormalizationPlan,
    scratch: UnsafeMutableRawPointer
  ) {
    let channels = plan.channels
    let sampled = min(rows, NormalizationPlan.sampledRows)
    let sums = unsafe plan.sums(ofWorker: 0, in: scratch)
    unsafe kernels.fill(sums, with: 0, count: channels)
    for sample in 0..<sampled {
      let row = sample * rows / sampled
      unsafe kernels.accumulate(input + row * channels, into: sums, count: channels)
    }
    unsafe plan.setShared(0, in: scratch) { unsafe Double(sums[$0]) / Double(max(1, sampled)) }
  }
}
