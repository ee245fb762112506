import Files
import Networks

extension OptimizerSettings.Rule {
  /// How rules are spelled.
  public static var spellings: String {
    [MomentumRule.spelling, AdamRule.spelling, RMSPropRule.spelling].joined(separator: "; ")
  }

  /// Reads a rule such as `sgd,momentum=0.8,nesterov` or `adamw,beta2=0.99`.
  ///
  /// - Parameter text: The rule as text.
  /// - Throws: `OptimizationSpellingError`: one sentence.
  public init(parsing text: String) throws(OptimizationSpellingError) {
    var options = try SpelledOptions(text, kind: "optimizer", spellings: Self.spellings)
    switch options.name {
    case "sgd": self = .sgd(try MomentumRule(&options))
    case "adam": self = .adam(try AdamRule(&options, decouplesDecay: false))
    case "adamw": self = .adam(try AdamRule(&options, decouplesDecay: true))
    case "rmsprop": self = .rmsProp(try RMSPropRule(&options, .usual(.pyTorch)))
    case "rmsprop-tf": self = .rmsProp(try RMSPropRule(&options, .usual(.tensorFlow(start: 1))))
    default:
      throw options.error(
        UnknownNameError(
          kind: "optimizer", name: options.name,
          known: ["sgd", "adam", "adamw", "rmsprop", "rmsprop-tf"]
        ).description)
    }
    try options.finish()
  }

  /// The share of the velocity that stays; nil for a rule without one.
  public var momentum: Float? {
    get {
      switch self {
      case .sgd(let rule): rule.momentum
      case .adam: nil
      case .rmsProp(let rule): rule.momentum
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .sgd(var rule):
        rule.momentum = newValue
        self = .sgd(rule)
      case .adam: break
      case .rmsProp(var rule):
        rule.momentum = newValue
        self = .rmsProp(rule)
      }
    }
  }

  /// The learning rate that goes with the rule unless another is given.
  public var usualLearningRate: Float {
    if case .adam = self { 0.001 } else { 0.01 }
  }

  /// The decay that goes with the rule unless another is given: none, but 0.01 for AdamW.
  public var usualWeightDecay: WeightDecay {
    if case .adam(let rule) = self, rule.decouplesDecay { 0.01 } else { 0 }
  }
}

extension OptimizerSettings.Rule: CustomStringConvertible {
  /// The canonical spelling, which can be read back; what is usual is left out.
  public var description: String { implementation.spelling }
}

extension WeightDecay: CustomStringConvertible {
  /// How decays are spelled.
  public static let spelling = "X[,only=weights]"

  /// Reads a decay such as `0.0001` or `0.0001,only=weights`.
  ///
  /// - Throws: `OptimizationSpellingError`: one sentence.
  public init(parsing text: String) throws(OptimizationSpellingError) {
    var options = try SpelledOptions(text, kind: "weight decay", spellings: Self.spelling)
    self.init(
      try options.number(options.name, of: "the share", "a number from 0 to 1000") {
        $0 >= 0 && $0 <= 1000
      })
    if let roles = options.take("only") {
      guard roles == "weights" else {
        throw options.error("only is '\(roles)'; it must be weights")
      }
      self.roles = [.weights]
    }
    try options.finish()
  }

  /// The canonical spelling, which can be read back if the decay is of all parameters or of weights.
  public var description: String {
    roles == [.weights] ? "\(share),only=weights" : "\(share)"
  }
}

extension WeightAverage: CustomStringConvertible {
  /// How averages are spelled.
  public static let spelling = "DECAY[,warmup]"

  /// Reads an average such as `0.999` or `0.9999,warmup`.
  ///
  /// - Throws: `OptimizationSpellingError`: one sentence.
  public init(parsing text: String) throws(OptimizationSpellingError) {
    var options = try SpelledOptions(text, kind: "average", spellings: Self.spelling)
    self.init(
      decay: try options.number(
        options.name, of: "the decay", "a number above 0 and below 1"
      ) { $0 > 0 && $0 < 1 }, warmsUp: try options.flag("warmup"))
    try options.finish()
  }

  /// The canonical spelling, which can be read back.
  public var description: String { warmsUp ? "\(decay),warmup" : "\(decay)" }
}
