import KernelInterface

extension Engine {
  /// The bytes of scratch of local response normalisation: some rows of channels for each thread.
  ///
  /// - Parameters:
  ///   - response: How it divides.
  ///   - channels: The number of channels.
  ///   - threadCount: The number of threads of the engine.
  /// - Returns: A number of bytes that depends on nothing else.
  package static func localResponseScratchBytes(
    _ response: LocalResponse, channels: Int, threadCount: Int
  ) -> Int {
    threadCount * response.scratchCount(channels: channels) * MemoryLayout<Float>.stride
  }

  /// Writes x/(offset + factor·Σ x²)^exponent, where the sum goes over neighbouring channels.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - response: How it divides.
  ///   - input: (pixels, channels).
  ///   - output: (pixels, channels); may be the input.
  ///   - pixels: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  ///   - scratch: `localResponseScratchBytes` bytes, aligned to 4.
  package func normalizeLocally(
    _ response: LocalResponse, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pixels: Int, channels: Int, sketching: SampleSketching?, scratch: UnsafeMutableRawPointer
  ) {
    let length = max(1, WorkSplit.taskElements / channels)
    pool.parallel(taskCount: WorkSplit.parts(of: pixels, length: length)) { task, worker in
      let first = task * length
      let count = min(length, pixels - first)
      let start = first * channels
      unsafe kernels.normalizeLocally(
        response, input + start, into: output + start, pixels: count, channels: channels,
        scratch: floats(response, channels, worker, scratch))
      sketching?.noteWritten(start..<start + count * channels, worker: worker)
    }
  }

  /// The gradient of local response normalisation.
  ///
  /// With d = offset + factor·Σ x² it is g·d^(−exponent) − 2·factor·exponent·x·Σ g·x·d^(−exponent − 1),
  /// where the sum goes over the channels whose windows hold this one. Allocates nothing.
  ///
  /// - Parameters:
  ///   - response: How it divides.
  ///   - input: (pixels, channels).
  ///   - outputGradient: (pixels, channels).
  ///   - inputGradient: (pixels, channels); may be `outputGradient` unless accumulating.
  ///   - pixels: Batch times pixels.
  ///   - channels: The number of channels.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  ///   - scratch: `localResponseScratchBytes` bytes, aligned to 4.
  package func normalizeLocallyBackward(
    _ response: LocalResponse, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pixels: Int, channels: Int, accumulate: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    let length = max(1, WorkSplit.taskElements / channels)
    pool.parallel(taskCount: WorkSplit.parts(of: pixels, length: length)) { task, worker in
      let first = task * length
      let start = first * channels
      unsafe kernels.normalizeLocallyBackward(
        response, input + start, outputGradient: outputGradient + start,
        inputGradient: inputGradient + start, pixels: min(length, pixels - first),
        channels: channels, accumulate: accumulate,
        scratch: floats(response, channels, worker, scratch))
    }
  }

  /// The scratch of a thread.
  private func floats(
    _ response: LocalResponse, _ channels: Int, _ worker: Int, _ scratch: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<Float> {
    unsafe scratch.assumingMemoryBound(to: Float.self)
      + worker * response.scratchCount(channels: channels)
  }
}
