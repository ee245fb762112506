import ArgumentParser
import Tidemark

/// What moves parameters, and how fast.
struct OptimizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The optimiser: \(OptimizerSettings.Rule.spellings). If not given, sgd, but for studies of "
        + "accuracy adam.", valueName: "optimizer"),
    transform: { try OptimizerSettings.Rule(parsing: $0) })
  var optimizer: OptimizerSettings.Rule?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The learning rate; 0.001 for adam and adamw and 0.01 for the others if not given.",
      valueName: "x"),
    transform: Value.number("a number above 0, at most 1000") { $0 > 0 && $0 <= 1000 })
  var learningRate: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The momentum of sgd and rmsprop, instead of the one that --optimizer says.", valueName: "x"),
    transform: Value.number("a number from 0 up to, but not including, 1") { $0 >= 0 && $0 < 1 })
  var momentum: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The share of a parameter that is added to its gradient, or for adamw taken off the parameter; "
        + "with only=weights not of biases and normalisations. 0, but 0.01 for adamw, if not given.",
      valueName: WeightDecay.spelling), transform: { try WeightDecay(parsing: $0) })
  var weightDecay: WeightDecay?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keeps a moving average of parameters and running statistics, of which so much stays in a step, "
        + "less at first with warmup; networks are tested and written with it.",
      valueName: WeightAverage.spelling), transform: { try WeightAverage(parsing: $0) })
  var average: WeightAverage?

  func validate() throws {
    guard let momentum, let optimizer, optimizer.momentum == nil else { return }
    throw ValidationError(
      flag: "--momentum", value: "\(momentum)",
      expectation: "left out with --optimizer \(optimizer), which has no momentum to set")
  }

  /// The optimiser's settings.
  ///
  /// - Parameter usual: The rule unless another is given.
  /// - Returns: Settings with what the rule usually goes with where nothing is given.
  func settings(usual: OptimizerSettings.Rule = .sgd(MomentumRule())) -> OptimizerSettings {
    var rule = optimizer ?? usual
    if let momentum { rule.momentum = momentum }
    return OptimizerSettings(
      rule, learningRate: learningRate ?? rule.usualLearningRate,
      weightDecay: weightDecay ?? rule.usualWeightDecay, average: average)
  }

  /// The flags that say the same to another process.
  static func arguments(for settings: OptimizerSettings) -> [String] {
    [
      "--optimizer", "\(settings.rule)", "--learning-rate", "\(settings.learningRate)",
      "--weight-decay", "\(settings.weightDecay)",
    ] + (settings.average.map { ["--average", "\($0)"] } ?? [])
  }
}
