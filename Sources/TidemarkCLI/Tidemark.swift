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
      Compare.self, Train.self, Study.self, Profile.self, PlanCommand.self, Bench.self, Models.self,
      Strategies.self,
      Measure.self,
    ])

  static func main() {
    ProcessSetup.begin()
    do {
      try checkNames(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      try command.run()
      try StandardStream.requireComplete()
    } catch {
      end(with: error)
    }
  }

  /// Complains about a command that there is not, with the nearest name, also where help is asked for
  /// it.
  ///
  /// - Throws: `UnknownNameError`.
  private static func checkNames(_ arguments: [String]) throws(UnknownNameError) {
    let asksForHelp = arguments.first == "help"
    var command: any ParsableCommand.Type = Self.self
    for name in asksForHelp ? arguments.dropFirst() : arguments.prefix(1) {
      let subcommands = command.configuration.subcommands
      guard !name.hasPrefix("-"), !subcommands.isEmpty else { return }
      guard let next = subcommands.first(where: { $0._commandName == name }) else {
        throw UnknownNameError(
          kind: "command", name: name,
          known: subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName })
      }
      command = next
    }
  }
}
