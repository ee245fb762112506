import Networks

/// The error of all parameter gradients together that inexact representations are expected to cause,
/// before anything ran.
///
/// It is the noise of each value's representation, ρ times the power of the values, times what the
/// gradients make of an error (`GradientSensitivity`). That is a forecast, not a bound.
struct ExpectedError {
  private let network: Network
  private let sensitivity: GradientSensitivity

  /// Expects errors with a sensitivity; nil for an order of magnitude.
  init(_ network: Network, sensitivity: GradientSensitivity?) {
    self.network = network
    self.sensitivity = sensitivity ?? GradientSensitivity(assumedFor: network)
  }

  /// The squared relative error that one value's representation causes.
  func squared(of value: NodeID, as representation: Representation?) -> Double {
    guard let representation else { return 0 }
    let each =
      representation.kind == .sketch ? sensitivity.sketched[value] : sensitivity.quantized[value]
    return each * noise(of: representation, value)
  }

  /// The relative error of a plan's representations together.
  func relative(of representations: [[Representation]]) -> Double {
    network.inexactValues(in: representations).reduce(0) {
      $0 + squared(of: $1.value, as: $1.representation)
    }.squareRoot()
  }

  /// ρ: the power of a representation's error over that of the values.
  func noise(of representation: Representation, _ value: NodeID) -> Double {
    switch representation {
    case .whole, .signMask, .spilled: return 0
    case .quantized(let quantization):
      // Groups range over about six deviations; a number between two levels errs by a sixth of the
      // squared step on average.
      let steps = Double((1 << quantization.bits.rawValue) - 1)
      return 6 / (steps * steps)
    case .sketch(let sketch):
      let pixels = network.nodes[value].outputShape.pixelCount
      return max(0, Double(pixels))
        * sketch.storage.expectedError(buckets: min(sketch.size, pixels), pixels: pixels)
    }
  }
}
