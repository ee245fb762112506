import KernelInterface

extension Engine {
  /// Multiplies and adds in the registers of every thread; allocates nothing.
  ///
  /// - Parameter rounds: The length of the loop that each thread runs once.
  /// - Returns: The additions and multiplications of all threads together.
  package func multiplyInRegisters(rounds: Int) -> Int {
    pool.parallel(taskCount: threadCount) { _, _ in
      let sum = kernels.multiplyInRegisters(rounds: rounds)
      precondition(sum.isFinite, "the peak kernel lost its way")
    }
    return threadCount * rounds * kernels.floatingPointOperationsPerRound
  }

  /// Computes destination = a + scale·b, `sweeps` times over; allocates nothing.
  ///
  /// Each thread sweeps over its own share of the arrays, so that these come from wherever as many
  /// bytes lie: a cache or main memory.
  ///
  /// - Parameters:
  ///   - a: `count` floats.
  ///   - b: `count` floats.
  ///   - scale: What `b` is multiplied by.
  ///   - destination: Receives `count` floats.
  ///   - count: The number of elements.
  ///   - sweeps: How often every element is computed.
  /// - Returns: The bytes that were read and written, by the count of the STREAM benchmark: three
  ///   floats an element.
  package func triad(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, scale: Float,
    into destination: UnsafeMutablePointer<Float>, count: Int, sweeps: Int
  ) -> Int {
    // Whole cache lines, so that no two threads write to the same one.
    let share = (count / threadCount + 15) / 16 * 16
    pool.parallel(taskCount: threadCount) { task, _ in
      let start = min(count, task * share)
      let end = task == threadCount - 1 ? count : min(count, start + share)
      unsafe kernels.triad(
        a + start, b + start, scale: scale, into: destination + start, count: end - start,
        sweeps: sweeps)
    }
    return 3 * MemoryLayout<Float>.stride * count * sweeps
  }
}
