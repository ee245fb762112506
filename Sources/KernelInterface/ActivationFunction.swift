/// The functions of one element that networks put behind their layers, rectifiers aside.
///
/// φ and Φ are the density and the distribution of the standard normal distribution, and σ is the
/// logistic function 1/(1 + e⁻ˣ).
public enum ActivationFunction: Hashable, Sendable {
  /// x between two bounds, and the nearer bound outside; the derivative is 0 at the bounds.
  case clipped(lower: Float, upper: Float)
  /// x + 3 over 6, clipped to 0 and 1; the derivative is 0 at −3 and 3.
  case hardSigmoid
  /// x·hardSigmoid(x); the derivative is 0 at −3 and 1 at 3 (Howard and others 2019, arXiv
  /// 1905.02244).
  case hardSwish
  /// x above 0, alpha·(eˣ − 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016, arXiv
  /// 1511.07289).
  case elu(alpha: Float)
  /// σ(x).
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// x·σ(beta·x) (Ramachandran, Zoph and Le 2017, arXiv 1710.05941).
  case swish(beta: Float)
  /// x·Φ(x) (Hendrycks and Gimpel 2016, arXiv 1606.08415).
  case gelu
  /// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which is near to `gelu`.
  case geluTanh
  /// x·tanh(ln(1 + eˣ)) (Misra 2019, arXiv 1908.08681).
  case mish
  /// ln(1 + e^(beta·x))/beta, and x where beta·x is above the threshold.
  case softplus(beta: Float, threshold: Float)

  /// x between 0 and 6.
  public static let relu6 = ActivationFunction.clipped(lower: 0, upper: 6)
  /// x·σ(x).
  public static let silu = ActivationFunction.swish(beta: 1)
}
