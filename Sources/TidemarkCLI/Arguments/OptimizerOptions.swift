import ArgumentParser
import Tidemark

/// What moves parameters, and how fast.
struct OptimizerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The optimiser: sgd or adam.", valueName: "name"))
  var optimizer = "sgd"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The learning rate; 0.01 for sgd and 0.001 for adam if not given.", valueName: "x"))
  var learningRate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The momentum of sgd; 0.9 if not given.", valueName: "x"))
  var momentum: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of a parameter that is added to its gradient.", valueName: "x"))
  var weightDecay = "0"

  @Option(
    help: ArgumentHelp(
      "How the learning rate changes: \(LearningRateSchedule.spellings); E are epochs.",
      valueName: "schedule"))
  var schedule = "constant"

  /// The optimiser's settings.
  func settings() throws -> OptimizerSettings {
    let rate = try learningRate.map {
      try Value.number($0, flag: "--learning-rate", "a number above 0, at most 1000") {
        $0 > 0 && $0 <= 1000
      }
    }
    let decay = try Value.number(weightDecay, flag: "--weight-decay", "a number from 0 to 1000") {
      $0 >= 0 && $0 <= 1000
    }
    switch optimizer {
    case "sgd":
      let momentum = try Value.number(
        momentum ?? "0.9", flag: "--momentum", "a number from 0 up to, but not including, 1"
      ) { $0 >= 0 && $0 < 1 }
      return .sgd(learningRate: rate ?? 0.01, momentum: momentum, weightDecay: decay)
    case "adam":
      if let momentum {
        throw UsageError(
          flag: "--momentum", value: momentum,
          expectation: "left out with --optimizer adam, which has no momentum to set")
      }
      return .adam(learningRate: rate ?? 0.001, weightDecay: decay)
    default:
      throw UnknownNameError(kind: "optimizer", name: optimizer, known: ["sgd", "adam"])
    }
  }

  /// The learning-rate schedule.
  func parsedSchedule() throws -> LearningRateSchedule {
    try LearningRateSchedule(parsing: schedule)
  }
}
