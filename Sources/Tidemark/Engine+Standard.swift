import Comparisons
import Kernels

extension Engine {
  /// An engine for this machine: a thread for every processor, the widest instruction set.
  ///
  /// The environment variable `TIDEMARK_INSTRUCTION_SET` chooses another instruction set.
  ///
  /// - Parameter threadCount: The number of threads; nil takes one for every processor.
  /// - Returns: The engine; its threads live as long as it.
  /// - Throws: `InstructionSetError` if the environment variable names none that there is.
  public static func standard(threadCount: Int? = nil) throws(InstructionSetError) -> Engine {
    Engine(
      threadCount: threadCount ?? SystemFacts.processorCount,
      instructionSet: try InstructionSet.chosen())
  }
}
