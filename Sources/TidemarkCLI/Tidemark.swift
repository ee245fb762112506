import ArgumentParser
import Tidemark

/// The command line: parses, runs one command, and turns errors into a sentence and an exit code.
@main
struct TidemarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tidemark",
    abstract: "Measures, forecasts and reduces the memory that training a network takes.",
    discussion: """
      Example:
        tidemark compare --model vgg8 --strategy full trace:16

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 missing input, 70 a defect of Tidemark, \
      73 or 74 cannot write, 75 does not fit the memory budget.
      """,
    version: tidemarkVersion,
    subcommands: [
      Compare.self, Train.self, Study.self, Profile.self, Plan.self, Bench.self, Models.self,
      Strategies.self,
      Measure.self,
    ])

  static func main() {
    ProcessSetup.begin()
    do {
      try checkName(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      try command.run()
      try StandardStream.requireComplete()
    } catch {
      end(with: error)
    }
  }

  /// Complains about a command that there is not, with the nearest name.
  ///
  /// - Throws: `UnknownNameError`.
  private static func checkName(_ name: String?) throws(UnknownNameError) {
    let shown = configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let known = shown.map { $0._commandName }
    guard let name, !name.hasPrefix("-"), !(known + ["help", "measure"]).contains(name) else {
      return
    }
    throw UnknownNameError(kind: "command", name: name, known: known)
  }
}
