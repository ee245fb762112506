import Kernels

extension ActivationFunction {
  /// The usual short name.
  var kind: String {
    switch self {
    case .relu6: "relu6"
    case .clipped: "hardtanh"
    case .hardSigmoid: "hardsigmoid"
    case .hardSwish: "hardswish"
    case .elu: "elu"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .silu: "silu"
    case .swish: "swish"
    case .gelu, .geluTanh: "gelu"
    case .mish: "mish"
    case .softplus: "softplus"
    }
  }

  /// What is wrong with the settings, and what would be right; nil if nothing is.
  var obstacle: String? {
    switch self {
    case .clipped(let lower, let upper):
      guard lower < upper, lower.isFinite, upper.isFinite else {
        return "its bounds \(lower) and \(upper) must be finite, the first below the second"
      }
    case .elu(let alpha):
      guard alpha >= 0, alpha.isFinite else {
        return
          "its alpha \(alpha) must be finite and not negative: the backward pass tells the two "
          + "sides apart by the sign of the output"
      }
    case .swish(let beta):
      guard beta.isFinite else { return "its beta \(beta) must be finite" }
    case .softplus(let beta, let threshold):
      guard beta > 0, beta.isFinite, threshold.isFinite else {
        return "its beta \(beta) must be positive, and beta and its threshold \(threshold) finite"
      }
    case .hardSigmoid, .hardSwish, .sigmoid, .tanh, .gelu, .geluTanh, .mish: break
    }
    return nil
  }

  /// The arithmetic of an element, where an exponential, a logarithm or a division counts as one.
  var forwardFLOPs: Int {
    switch self {
    case .clipped: 2
    case .elu: 3
    case .sigmoid: 3
    case .hardSigmoid, .hardSwish: 4
    case .tanh: 4
    case .swish: 5
    case .softplus: 6
    case .mish: 7
    case .geluTanh: 8
    case .gelu: 15
    }
  }

  /// Whether no value of the function is negative.
  var isNeverNegative: Bool {
    switch self {
    case .clipped(let lower, _): lower >= 0
    case .hardSigmoid, .sigmoid, .softplus: true
    case .hardSwish, .elu, .tanh, .swish, .gelu, .geluTanh, .mish: false
    }
  }
}
