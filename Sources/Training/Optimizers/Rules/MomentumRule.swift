import Files
import Kernels

/// Stochastic gradient descent with momentum, as in PyTorch.
///
/// With g the gradient and the share of the parameter that decays: v ← momentum·v + (1 − dampening)·g,
/// but v = g in the first step; then w ← w − learningRate·v, or with Nesterov's look ahead
/// w − learningRate·(g + momentum·v) (Sutskever and others 2013, Proceedings of ICML, 1139). Keeps one
/// number for each parameter, and none without momentum.
public struct MomentumRule: Hashable, Sendable {
  /// The share of the velocity that stays, from 0 up to, but not including, 1.
  public var momentum: Float
  /// The share of later gradients that is kept out of the velocity, from 0 to 1.
  public var dampening: Float
  /// Whether the step is taken from where the velocity leads.
  public var nesterov: Bool

  /// Creates a rule.
  public init(momentum: Float = 0.9, dampening: Float = 0, nesterov: Bool = false) {
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
  }
}

extension MomentumRule: UpdateRule {
  var startingStates: [Float] { momentum == 0 ? [] : [0] }

  func update(_ step: UpdateStep) {
    unsafe step.engine.momentumStep(
      parameters: step.parameters, gradients: step.gradients,
      velocity: step.states.first?.pointer, count: step.count,
      factors: MomentumFactors(
        learningRate: step.learningRate, momentum: momentum,
        gradientShare: step.number == 1 ? 1 : 1 - dampening, looksAhead: nesterov,
        weightDecay: step.weightDecay))
  }
}

extension MomentumRule {
  static let spelling = "sgd[,momentum=M][,dampening=D][,nesterov]"

  init(_ options: inout SpelledOptions) throws(OptimizationSpellingError) {
    let usual = MomentumRule()
    momentum =
      try options.number("momentum", "from 0 up to, but not including, 1") { $0 >= 0 && $0 < 1 }
      ?? usual.momentum
    dampening =
      try options.number("dampening", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
      ?? usual.dampening
    nesterov = try options.flag("nesterov")
    if nesterov, momentum == 0 || dampening != 0 {
      throw options.error("nesterov needs a momentum above 0 and no dampening")
    }
  }

  var spelling: String {
    let usual = MomentumRule()
    return CanonicalSpelling.joined(
      "sgd", CanonicalSpelling.option("momentum", momentum, usual: usual.momentum),
      CanonicalSpelling.option("dampening", dampening, usual: usual.dampening),
      nesterov ? "nesterov" : nil)
  }
}
