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
    // It plans anew what `compare` has planned: a process of this strategy alone plans too, and what it
    // holds at its highest is to be measured.
    let run = try subject.makeRun(subject.plan(common: common), common: common)
    for _ in 0..<Self.stepCount { try run.step() }
    StandardStream.output.line("\(Self.resultName) \(try SystemFacts.peakResidentBytes())")
  }
}
