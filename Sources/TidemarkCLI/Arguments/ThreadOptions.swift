import ArgumentParser
import Tidemark

/// How many threads run the kernels.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of threads; as many as there are processors if not given.", valueName: "n"),
    transform: Value.whole(1...256))
  var threads: Int?

  /// The number of threads.
  var count: Int { threads ?? min(256, SystemFacts.processorCount) }
}
