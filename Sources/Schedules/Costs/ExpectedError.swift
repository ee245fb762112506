import Networks

/// The error of all parameter gradients together that inexact representations are expected to cause,
/// before anything ran.
///
/// A layer's gradient is a sum over pixels of products of inputs and gradients. Inputs whose errors
/// are independent, of mean 0 and of ρ times the inputs' power leave it with ρ times the power that
/// the sum would have if its terms were independent too. Terms have something in common, so that the
/// sum is larger: by `coherence`, as measured. All layers are taken to have gradients of equal power.
/// That is a forecast of the order of magnitude, not a bound.
struct ExpectedError {
  /// How many times the power of independent terms a gradient has.
  ///
  /// Measured at the start of training resnet8 with 1, 2, 4 and 8 bits, and alike with sketches. vgg8
  /// has several hundred, so that it errs less.
  static let coherence = 9.0

  private let network: Network
  /// For every value, the number of layers that read it inexactly over that of all such layers.
  private let shares: [Double]

  init(_ network: Network) {
    self.network = network
    var readers = [Double](repeating: 0, count: network.nodes.count)
    for node in network.nodes where network.requiresGradient[node.id] {
      for need in node.operation.residualNeeds where need.accepted.contains(.quantized) {
        if case .input(let index) = need.source { readers[node.inputs[index]] += 1 }
      }
    }
    let count = max(1, readers.reduce(0, +))
    shares = readers.map { $0 / count }
  }

  /// The squared relative error that one value's representation causes.
  func squared(of value: NodeID, as representation: Representation?) -> Double {
    guard let representation else { return 0 }
    return shares[value] * noise(of: representation, value) / Self.coherence
  }

  /// The relative error of a plan's representations together.
  func relative(of representations: [[Representation]]) -> Double {
    var inexact: [NodeID: Representation] = [:]
    for node in network.nodes where network.requiresGradient[node.id] {
      for case .encoded(let value, let representation) in network.neededItems(
        of: node.id, representations) where representation != .signMask
      {
        inexact[value] = representation
      }
    }
    return inexact.reduce(0) { $0 + squared(of: $1.key, as: $1.value) }.squareRoot()
  }

  /// ρ: the power of a representation's error over that of the values.
  private func noise(of representation: Representation, _ value: NodeID) -> Double {
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
