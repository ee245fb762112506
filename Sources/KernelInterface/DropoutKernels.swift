/// The kernel that lets elements drop out at random.
package protocol DropoutKernels {
  /// Writes or adds x/(1 − p), or x·0 with the probability p.
  ///
  /// Which elements drop out depends on the stream and on their index alone; `output` may be
  /// `input`. The index of the first element, `first`, is a multiple of 16.
  func dropOut(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    first: Int, probability: Float, stream: UInt64, accumulate: Bool)
}
