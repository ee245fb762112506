import ArgumentParser
import Tidemark

/// How many threads run the kernels.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of threads; as many as there are processors if not given.", valueName: "n"))
  var threads: String?

  /// The number of threads.
  func count() throws -> Int {
    try threads.map { try Value.integer($0, flag: "--threads", in: 1...256) }
      ?? min(256, SystemFacts.processorCount)
  }
}
