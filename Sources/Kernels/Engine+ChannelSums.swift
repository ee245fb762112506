import KernelInterface

extension Engine {
  /// The bytes of scratch that `channelSums` works in.
  public static func channelSumScratchByteCount(
    rows: Int, channels: Int, threadCount: Int
  ) -> Int {
    NormalizationPlan(rows: rows, channels: channels).scratchBytes(threadCount: threadCount)
  }

  /// Adds up every channel: the gradient of a bias, where that of the weights is not wanted.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - values: (rows, channels).
  ///   - rows: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - sums: Receives `channels` elements.
  ///   - accumulate: Whether to add to `sums` instead of overwriting them.
  ///   - scratch: `channelSumScratchByteCount` bytes, aligned to 4.
  public func channelSums(
    of values: UnsafePointer<Float>, rows: Int, channels: Int,
    into sums: UnsafeMutablePointer<Float>, accumulate: Bool, scratch: UnsafeMutableRawPointer
  ) {
    let plan = NormalizationPlan(rows: rows, channels: channels)
    unsafe addByChannel(plan, scratch: scratch) { block, sums in
      unsafe kernels.columnSums(
        values + block.lowerBound, count: block.count, columns: plan.columns, sums: sums)
    }
    for channel in 0..<channels {
      let total = unsafe Float(total(plan, ofChannel: channel, scratch: scratch).0)
      unsafe sums[channel] = (accumulate ? sums[channel] : 0) + total
    }
  }
}
