import KernelInterface

extension Engine {
  /// The bytes of scratch of the parametric rectifier's methods.
  ///
  /// - Parameters:
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - threadCount: The number of threads of the engine.
  /// - Returns: A number of bytes that depends on nothing else.
  public static func parametricRectifierScratchBytes(
    rows: Int, channels: Int, threadCount: Int
  ) -> Int {
    NormalizationPlan(rows: rows, channels: channels).scratchBytes(threadCount: threadCount)
  }

  /// Writes x > 0 ? x : slope·x, and NaN for NaN.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (rows, channels).
  ///   - slopes: A slope for each channel, or a single one.
  ///   - slopeCount: `channels` or 1.
  ///   - output: (rows, channels); may be the input.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  ///   - scratch: `parametricRectifierScratchBytes` bytes, aligned to 4.
  public func rectify(
    input: UnsafePointer<Float>, slopes: UnsafePointer<Float>, slopeCount: Int,
    output: UnsafeMutablePointer<Float>, rows: Int, channels: Int,
    sketching: SampleSketching? = nil, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    let slopes = unsafe spread(slopes, slopeCount, plan, scratch)
    forEachRange(of: plan.count, length: plan.taskElements, sketching: sketching) { range in
      forEachRows(of: range, columns: plan.columns) { start, rows, columns in
        unsafe kernels.rectify(
          input + start, slopes: slopes, into: output + start, rows: rows, columns: columns)
      }
    }
  }

  /// The gradients of a parametric rectifier.
  ///
  /// The derivative is 1 where x > 0, the slope elsewhere; the gradient of a slope is the sum of
  /// x·gradient over its elements that are not above 0. Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (rows, channels).
  ///   - slopes: A slope for each channel, or a single one.
  ///   - slopeCount: `channels` or 1.
  ///   - outputGradient: (rows, channels).
  ///   - inputGradient: (rows, channels), or nil if nobody asks for it; may be `outputGradient`
  ///     unless accumulating.
  ///   - slopeGradient: `slopeCount` elements, or nil if nobody asks for them.
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  ///   - accumulateParameters: The same for the gradients of the slopes.
  ///   - scratch: `parametricRectifierScratchBytes` bytes, aligned to 4.
  public func rectifyBackward(
    input: UnsafePointer<Float>, slopes: UnsafePointer<Float>, slopeCount: Int,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
    slopeGradient: UnsafeMutablePointer<Float>?, rows: Int, channels: Int, accumulate: Bool,
    accumulateParameters: Bool, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    let slopes = unsafe spread(slopes, slopeCount, plan, scratch)
    if let slopeGradient = unsafe slopeGradient {
      unsafe addByChannel(plan, scratch: scratch) { block, sums in
        forEachRows(of: block, columns: plan.columns) { start, rows, columns in
          unsafe kernels.rectifierSlopeSums(
            input + start, outputGradient: outputGradient + start, rows: rows, columns: columns,
            to: sums)
        }
      }
      for slope in 0..<slopeCount {
        let ofSlope = slopeCount == 1 ? 0..<channels : slope..<slope + 1
        var sum = 0.0
        for channel in ofSlope {
          sum += unsafe total(plan, ofChannel: channel, scratch: scratch).0
        }
        let old: Float = accumulateParameters ? unsafe slopeGradient[slope] : 0
        unsafe slopeGradient[slope] = old + Float(sum)
      }
    }
    guard let inputGradient = unsafe inputGradient else { return }
    forEachRange(of: plan.count, length: plan.taskElements) { range in
      forEachRows(of: range, columns: plan.columns) { start, rows, columns in
        unsafe kernels.rectifyBackward(
          input + start, slopes: slopes, outputGradient: outputGradient + start,
          inputGradient: inputGradient + start, rows: rows, columns: columns,
          accumulate: accumulate)
      }
    }
  }

  /// The slopes of the plan's columns, in the first of its shared vectors.
  private func spread(
    _ slopes: UnsafePointer<Float>, _ slopeCount: Int, _ plan: NormalizationPlan,
    _ scratch: UnsafeMutableRawPointer
  ) -> UnsafePointer<Float> {
    unsafe plan.setShared(0, in: scratch) { channel in
      unsafe Double(slopes[slopeCount == 1 ? 0 : channel])
    }
    return unsafe UnsafePointer(plan.shared(0, in: scratch))
  }

  /// Calls `body` for the whole rows of a range that begins with one, and for the rest of it as a
  /// shorter row.
  private func forEachRows(
    of range: Range<Int>, columns: Int, _ body: (_ start: Int, _ rows: Int, _ columns: Int) -> Void
  ) {
    let whole = range.count / columns
    let rest = range.count % columns
    if whole > 0 { body(range.lowerBound, whole, columns) }
    if rest > 0 { body(range.upperBound - rest, 1, rest) }
  }
}
