import Files
import Glibc
import Kernels

/// Adam (Kingma and Ba 2014, arXiv 1412.6980), AMSGrad and AdamW, as in PyTorch.
///
/// m ← β₁·m + (1 − β₁)·g and v ← β₂·v + (1 − β₂)·g², then w ← w − learningRate·m̂/(√v̂ + ε) with
/// m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) in step t. What decays of a parameter is added to its gradient
/// or, decoupled from it (AdamW: Loshchilov and Hutter 2017, arXiv 1711.05101), taken off before the
/// step: w ← w·(1 − learningRate·decay). Keeps two numbers for each parameter, or three.
public struct AdamRule: Hashable, Sendable {
  /// The share β₁ of the mean of gradients that stays.
  public var firstDecay: Double
  /// The share β₂ of the mean of squared gradients that stays.
  public var secondDecay: Double
  /// Added to the root that is divided by.
  public var epsilon: Double
  /// Whether the largest mean of squares so far is divided by (Reddi, Kale and Kumar 2018, arXiv
  /// 1904.09237), which is kept too.
  public var amsgrad: Bool
  /// Whether parameters decay by themselves, apart from their gradients.
  public var decouplesDecay: Bool

  /// Creates a rule.
  public init(
    firstDecay: Double = 0.9, secondDecay: Double = 0.999, epsilon: Double = 1e-8,
    amsgrad: Bool = false, decouplesDecay: Bool = false
  ) {
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.decouplesDecay = decouplesDecay
  }
}

extension AdamRule: UpdateRule {
  var startingStates: [Float] { amsgrad ? [0, 0, 0] : [0, 0] }

  func update(_ step: UpdateStep) {
    let factors = AdamFactors(
      learningRate: step.learningRate, firstDecay: firstDecay, secondDecay: secondDecay,
      firstBias: 1 - pow(firstDecay, Double(step.number)),
      secondBias: 1 - pow(secondDecay, Double(step.number)), epsilon: epsilon,
      weightDecay: decouplesDecay ? 0 : step.weightDecay,
      parameterShare: decouplesDecay
        ? Float(1 - Double(step.learningRate) * Double(step.weightDecay)) : 1)
    unsafe step.engine.adamStep(
      parameters: step.parameters, gradients: step.gradients, first: step.states[0].pointer,
      second: step.states[1].pointer, largest: amsgrad ? step.states[2].pointer : nil,
      count: step.count, factors: factors)
  }
}

extension AdamRule {
  static let spelling = "adam or adamw[,beta1=B][,beta2=B][,epsilon=E][,amsgrad]"

  init(
    _ options: inout SpelledOptions, decouplesDecay: Bool
  ) throws(OptimizationSpellingError) {
    let usual = AdamRule()
    let expectation = "from 0 up to, but not including, 1"
    firstDecay =
      try options.number("beta1", expectation) { $0 >= 0 && $0 < 1 } ?? usual.firstDecay
    secondDecay =
      try options.number("beta2", expectation) { $0 >= 0 && $0 < 1 } ?? usual.secondDecay
    epsilon =
      try options.number("epsilon", "a number above 0, at most 1") { $0 > 0 && $0 <= 1 }
      ?? usual.epsilon
    amsgrad = try options.flag("amsgrad")
    self.decouplesDecay = decouplesDecay
  }

  var spelling: String {
    let usual = AdamRule()
    return CanonicalSpelling.joined(
      decouplesDecay ? "adamw" : "adam",
      CanonicalSpelling.option("beta1", firstDecay, usual: usual.firstDecay),
      CanonicalSpelling.option("beta2", secondDecay, usual: usual.secondDecay),
      CanonicalSpelling.option("epsilon", epsilon, usual: usual.epsilon),
      amsgrad ? "amsgrad" : nil)
  }
}
