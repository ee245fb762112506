import ArgumentParser
import Tidemark

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of threads; as many as there are processors if not given.", valueName: "n"))
  var threads: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of everything random.", valueName: "n"))
  var seed = "0"

  /// The number of threads.
  func threadCount() throws -> Int {
    try threads.map { try Value.integer($0, flag: "--threads", in: 1...256) }
      ?? min(256, SystemFacts.processorCount)
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
