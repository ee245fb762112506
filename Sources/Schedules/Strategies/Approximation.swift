import Networks

/// How values are kept that backward passes can read inexactly.
public enum Approximation: Hashable, Sendable {
  /// Convolutions keep a sketch of their input and estimate the gradient of their weights.
  case sketch(SketchDescription)
  /// Inputs of convolutions, normalisations and linear layers are kept in a few bits an element.
  case quantization(Quantization)

  /// The representation in which values wait.
  var representation: Representation {
    switch self {
    case .sketch(let description): .sketch(description)
    case .quantization(let quantization): .quantized(quantization)
    }
  }
}
