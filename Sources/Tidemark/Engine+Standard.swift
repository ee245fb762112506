import Comparisons
import Kernels
import NativeEngine

extension Engine {
  /// An engine for this machine: a thread for every processor, the widest instruction set.
  ///
  /// The environment variable `TIDEMARK_INSTRUCTION_SET` chooses another instruction set.
  ///
  /// - Parameters:
  ///   - threadCount: The number of threads; nil takes one for every processor.
  ///   - instructionSet: The instruction set; nil leaves it to the environment and the processor.
  /// - Returns: The engine; its threads live as long as it.
  /// - Throws: `InstructionSetError` if the environment variable names none that there is,
  ///   `EngineError` if there is no thread in that number or the system refuses so many.
  public static func standard(
    threadCount: Int? = nil, instructionSet: InstructionSet? = nil
  ) throws -> Engine {
    let count = threadCount ?? SystemFacts.processorCount
    guard count >= 1 else {
      throw EngineError(
        category: .wrongUsage, description: "an engine runs on at least 1 thread, not on \(count)")
    }
    let engine = Engine(
      threadCount: count, instructionSet: try instructionSet ?? InstructionSet.chosen())
    let started = engine.pool.startedThreadCount
    guard started == count else {
      throw EngineError(
        category: .overBudget,
        description: "the system started \(started) of \(count) threads and has no memory left for "
          + "another one; ask for fewer, or raise the limit of the process")
    }
    return engine
  }
}
