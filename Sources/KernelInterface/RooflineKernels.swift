/// Kernels that find out what a machine can do at most.
package protocol RooflineKernels {
  /// The additions and multiplications of one round of `multiplyInRegisters`.
  var floatingPointOperationsPerRound: Int { get }

  /// Multiplies and adds in registers alone: no memory is read or written.
  ///
  /// - Returns: A number that depends on all rounds and nears 1 for each lane and register, so that
  ///   no compiler can leave them out.
  func multiplyInRegisters(rounds: Int) -> Float

  /// Computes destination = a + scale·b, `sweeps` times over.
  func triad(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, scale: Float,
    into destination: UnsafeMutablePointer<Float>, count: Int, sweeps: Int)
}
