import KernelInterface

/// Runs kernels: an instruction set chosen at run time, and a pool of threads.
///
/// Results are the same to the bit for any number of threads. Each family of kernels is an
/// extension of this type; it splits the work into tasks and leaves each to a `KernelSet`.
public struct Engine: Sendable {
  /// The instruction set whose kernels run.
  public let instructionSet: InstructionSet
  /// The threads that share the work.
  public let pool: WorkerPool

  package let kernels: any KernelSet

  /// Creates an engine with threads of its own.
  ///
  /// - Parameters:
  ///   - threadCount: The number of threads; at least 1.
  ///   - instructionSet: The instruction set of the kernels.
  ///   - kernels: The kernels.
  package init(threadCount: Int, instructionSet: InstructionSet, kernels: any KernelSet) {
    self.instructionSet = instructionSet
    self.kernels = kernels
    pool = WorkerPool(threadCount: threadCount)
  }

  /// The number of threads that share the work.
  public var threadCount: Int { pool.threadCount }
}
