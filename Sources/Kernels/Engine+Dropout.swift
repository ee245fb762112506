import KernelInterface

extension Engine {
  /// Writes or adds x/(1 − p), or x·0 with the probability p for each element on its own.
  ///
  /// Which elements drop out depends on the seed and on their index alone, so that the same call in
  /// the backward pass drops the gradients of the same elements. Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: `count` elements.
  ///   - output: `count` elements; may be the input.
  ///   - count: The number of elements.
  ///   - probability: p, from 0 up to but not including 1.
  ///   - seed: The seed.
  ///   - accumulate: Whether to add to the output instead of overwriting it.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func dropOut(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int,
    probability: Float, seed: UInt64, accumulate: Bool = false, sketching: SampleSketching? = nil
  ) {
    let stream = RandomStream.number(seed: seed, .dropout)
    forEachRange(of: count, sketching: sketching) { range in
      let start = range.lowerBound
      unsafe kernels.dropOut(
        input + start, into: output + start, count: range.count, first: start,
        probability: probability, stream: stream, accumulate: accumulate)
    }
  }
}
