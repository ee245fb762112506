import KernelInterface

extension NativeKernels: RooflineKernels {
  /// Chains of operations that do not wait for each other: enough to hide the latency of a product
  /// and a sum on two ports, few enough to stay in the registers of any instruction set.
  private typealias Chains = InlineArray<12, NativeVector>

  package var floatingPointOperationsPerRound: Int {
    2 * NativeVector.scalarCount * Chains(repeating: .zero).count
  }

  @inline(never)
  package func multiplyInRegisters(rounds: Int) -> Float {
    // x ← ½ + ½·x: the product depends on the round before, so that it cannot be moved out of the
    // loop where products and sums are separate.
    let half = NativeVector(repeating: 0.5)
    var chains = Chains(repeating: .zero)
    for _ in 0..<rounds {
      for index in chains.indices {
        chains[index] = multiplyAdd(half, chains[index], half)
      }
    }
    var vector = NativeVector.zero
    for index in chains.indices { vector += chains[index] }
    var sum: Float = 0
    for lane in 0..<NativeVector.scalarCount { sum += vector[lane] }
    return sum
  }

  @inline(never)
  package func triad(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, scale: Float,
    into destination: UnsafeMutablePointer<Float>, count: Int, sweeps: Int
  ) {
    let width = NativeVector.scalarCount
    let vectors = count / width
    let factor = NativeVector(repeating: scale)
    for _ in 0..<sweeps {
      for index in 0..<vectors {
        let first = unsafe loadVector(a, index &* width)
        let second = unsafe loadVector(b, index &* width)
        unsafe storeVector(multiplyAdd(first, second, factor), destination, index &* width)
      }
      for index in vectors &* width..<count {
        unsafe destination[index] = a[index] + scale * b[index]
      }
    }
  }
}
