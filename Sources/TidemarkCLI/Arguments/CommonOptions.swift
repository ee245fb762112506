import ArgumentParser
import Tidemark

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of everything random.", valueName: "n"))
  var seed = "0"

  /// The number of threads.
  func threadCount() throws -> Int {
    try threads.count()
  }

  /// The seed.
  func seedValue() throws -> UInt64 {
    guard let value = UInt64(seed) else {
      throw UsageError(
        flag: "--seed", value: seed, expectation: "a whole number from 0 to \(UInt64.max)")
    }
    return value
  }
}
