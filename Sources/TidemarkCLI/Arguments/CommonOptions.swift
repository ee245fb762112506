import ArgumentParser
import Tidemark

/// What commands take that compute.
struct CommonOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of everything random.", valueName: "n"), transform: Value.seed)
  var seed: UInt64 = 0

  /// The number of threads.
  var threadCount: Int { threads.count }
}
