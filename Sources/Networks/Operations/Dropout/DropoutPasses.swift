import Kernels

extension NetworkOperation {
  /// Requires a probability with which not everything drops out.
  ///
  /// - Throws: `ShapeError` if it is not from 0 up to but not including 1.
  func requireProbability(_ probability: Float) throws(ShapeError) {
    guard probability >= 0, probability < 1 else {
      throw ShapeError(
        "its probability \(probability) must be from 0 up to, but not including, 1")
    }
  }
}

extension ForwardPass {
  /// Writes the input to the output, unless that is the same memory; it sketches nothing, as in
  /// inference.
  func copyInput() {
    let output = unsafe output.unwrapped
    guard unsafe UnsafePointer(output) != inputs[0] else { return }
    unsafe engine.copy(inputs[0], into: output, count: shapes.outputElementCount)
  }
}

extension Engine {
  /// Draws what units are multiplied by: 0 with the probability p, 1/(1 − p) else.
  ///
  /// - Returns: `count` numbers at the beginning of the scratch.
  func dropoutFactors(
    count: Int, probability: Float, seed: UInt64, scratch: UnsafeMutableRawPointer
  ) -> UnsafePointer<Float> {
    let factors = unsafe scratch.assumingMemoryBound(to: Float.self)
    unsafe fill(factors, with: 1, count: count)
    unsafe dropOut(
      input: UnsafePointer(factors), output: factors, count: count, probability: probability,
      seed: seed)
    return unsafe UnsafePointer(factors)
  }
}
