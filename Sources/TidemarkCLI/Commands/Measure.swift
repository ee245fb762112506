import ArgumentParser
import Tidemark

/// `tidemark measure`: a few steps of one strategy in this process; `compare` runs it.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a few steps of one strategy and prints this process's highest resident bytes.",
    shouldDisplay: false)

  /// The word before the number in the output.
  static let resultName = "process_peak_rss_bytes"

  /// Memory is the same in every step; the second one finds everything touched.
  private static let stepCount = 3

  @OptionGroup var subject: StepOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let run = try subject.makeRun(common: common)
    for _ in 0..<Self.stepCount { try run.step() }
    StandardStream.output.line("\(Self.resultName) \(try SystemFacts.peakResidentBytes())")
  }
}
