import Files
import Kernels

/// RMSprop (Tieleman and Hinton 2012, lecture 6.5), spelled as in PyTorch or as in TensorFlow.
///
/// s ← decay·s + (1 − decay)·g². PyTorch: v ← momentum·v + g/(√s + ε), then w ← w − learningRate·v,
/// and s starts at 0. TensorFlow, which EfficientNet was trained with: v ← momentum·v +
/// learningRate·g/√(s + ε), then w ← w − v, and s starts at 1. Centred, the square of the mean gradient
/// is taken off s (Graves 2013, arXiv 1308.0850). Keeps one number for each parameter, one more if
/// centred, and one more with momentum.
public struct RMSPropRule: Hashable, Sendable {
  /// Where ε stands, and what the velocity is of.
  public enum Form: Hashable, Sendable {
    /// ε is added to the root; the velocity is one of quotients.
    case pyTorch
    /// ε is added under the root; the velocity is one of steps; squares start at this value.
    case tensorFlow(start: Float)
  }

  /// Where ε stands.
  public var form: Form
  /// The share of the mean of squared gradients that stays.
  public var decay: Double
  /// ε, added to what is divided by.
  public var epsilon: Float
  /// The share of the velocity that stays.
  public var momentum: Float
  /// Whether the square of the mean gradient is taken off.
  public var centered: Bool

  /// Creates a rule.
  public init(
    _ form: Form = .pyTorch, decay: Double = 0.99, epsilon: Float = 1e-8, momentum: Float = 0,
    centered: Bool = false
  ) {
    self.form = form
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.centered = centered
  }

  /// The usual rule of a form: PyTorch's defaults, or TensorFlow's.
  static func usual(_ form: Form) -> RMSPropRule {
    switch form {
    case .pyTorch: RMSPropRule()
    case .tensorFlow: RMSPropRule(form, decay: 0.9, epsilon: 1e-10)
    }
  }
}

extension RMSPropRule: UpdateRule {
  var startingStates: [Float] {
    let square: Float =
      switch form {
      case .pyTorch: 0
      case .tensorFlow(let start): start
      }
    return [square] + (centered ? [0] : []) + (momentum == 0 ? [] : [0])
  }

  func update(_ step: UpdateStep) {
    let isTensorFlow = form != .pyTorch
    let factors = RMSPropFactors(
      decay: decay, innerEpsilon: isTensorFlow ? epsilon : 0,
      outerEpsilon: isTensorFlow ? 0 : epsilon, momentum: momentum,
      stepSize: isTensorFlow ? step.learningRate : 1,
      velocitySize: isTensorFlow ? 1 : step.learningRate, weightDecay: step.weightDecay)
    unsafe step.engine.rmsPropStep(
      parameters: step.parameters, gradients: step.gradients, square: step.states[0].pointer,
      mean: centered ? step.states[1].pointer : nil,
      velocity: momentum == 0 ? nil : step.states[centered ? 2 : 1].pointer, count: step.count,
      factors: factors)
  }
}

extension RMSPropRule {
  static let spelling =
    "rmsprop or rmsprop-tf[,decay=D][,epsilon=E][,momentum=M][,centered], rmsprop-tf also [,start=S]"

  init(_ options: inout SpelledOptions, _ usual: RMSPropRule) throws(OptimizationSpellingError) {
    self = usual
    let expectation = "from 0 up to, but not including, 1"
    if case .tensorFlow(let start) = form {
      form = .tensorFlow(
        start: try options.number("start", "a number from 0 to 1000") { $0 >= 0 && $0 <= 1000 }
          ?? start)
    }
    decay = try options.number("decay", expectation) { $0 >= 0 && $0 < 1 } ?? usual.decay
    epsilon =
      try options.number("epsilon", "a number above 0, at most 1") { $0 > 0 && $0 <= 1 }
      ?? usual.epsilon
    momentum = try options.number("momentum", expectation) { $0 >= 0 && $0 < 1 } ?? usual.momentum
    centered = try options.flag("centered")
  }

  var spelling: String {
    let usual = RMSPropRule.usual(form)
    let (name, start): (String, String?) =
      switch form {
      case .pyTorch: ("rmsprop", nil)
      case .tensorFlow(let start):
        ("rmsprop-tf", CanonicalSpelling.option("start", start, usual: 1))
      }
    return CanonicalSpelling.joined(
      name, CanonicalSpelling.option("decay", decay, usual: usual.decay),
      CanonicalSpelling.option("epsilon", epsilon, usual: usual.epsilon),
      CanonicalSpelling.option("momentum", momentum, usual: usual.momentum),
      centered ? "centered" : nil, start)
  }
}
