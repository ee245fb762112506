import KernelInterface

extension Engine {
  /// The groups of a task: about 64 KiB of floats.
  private static let taskGroups = 64

  /// Encodes numbers in few bits; allocates nothing.
  ///
  /// The bits are the same for any number of threads and any instruction set.
  ///
  /// - Parameters:
  ///   - quantization: The bits of a number, and the seed of the rounding.
  ///   - values: The numbers, which must be finite, and not negative where groups begin at 0.
  ///   - count: How many numbers.
  ///   - stored: Receives `quantization.byteCount(count:)` bytes.
  public func quantize(
    _ quantization: Quantization, _ values: UnsafePointer<Float>, count: Int,
    into stored: UnsafeMutableRawPointer
  ) {
    let stream = RandomStream.number(seed: quantization.seed, .quantization)
    forEachGroupRange(count: count) { first, length in
      let group = first / Quantization.groupSize
      unsafe kernels.encodeGroups(
        values + first, count: length, as: quantization, stream: stream, firstGroup: group,
        into: stored + group * quantization.groupByteCount)
    }
  }

  /// Decodes what `quantize(_:_:count:into:)` stored; allocates nothing.
  ///
  /// - Parameters:
  ///   - quantization: That with which they were encoded, whatever its seed.
  ///   - stored: The encoded numbers.
  ///   - count: How many numbers.
  ///   - values: Receives the numbers.
  public func dequantize(
    _ quantization: Quantization, _ stored: UnsafeRawPointer, count: Int,
    into values: UnsafeMutablePointer<Float>
  ) {
    forEachGroupRange(count: count) { first, length in
      let group = first / Quantization.groupSize
      unsafe kernels.decodeGroups(
        stored + group * quantization.groupByteCount, count: length, as: quantization,
        into: values + first)
    }
  }

  private func forEachGroupRange(count: Int, _ body: (_ first: Int, _ length: Int) -> Void) {
    let taskLength = Self.taskGroups * Quantization.groupSize
    pool.parallel(taskCount: (count + taskLength - 1) / taskLength) { task, _ in
      let first = task * taskLength
      body(first, min(taskLength, count - first))
    }
  }
}
