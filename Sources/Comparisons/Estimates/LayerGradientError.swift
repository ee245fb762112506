import Networks

/// How far the weight gradient of a convolution, estimated from a sketch of its input, is from the
/// exact one.
public struct LayerGradientError: Sendable {
  /// The convolution; nil for all layers together.
  public let node: NodeID?
  /// Its name.
  public let layer: String
  /// How its input is kept.
  public let representation: String
  /// The bytes of the whole input.
  public let wholeByteCount: Int
  /// The bytes of what is kept of it.
  public let byteCount: Int
  /// ‖g‖², the exact gradient's.
  public let squaredNorm: Double
  /// The mean of ‖ĝ − g‖² over several draws of the sketch's random numbers.
  public let squaredError: Double
  /// What theory says of it; see `predictedSquaredError(of:_:input:outputGradient:)`.
  public let predictedSquaredError: Double
  /// The means of ⟨ĝ, g⟩ and ‖ĝ‖² over the draws.
  let product: Double
  let estimateSquaredNorm: Double
  /// Σ‖g_k − ḡ‖²/(K − 1) over the exact gradients g_k of K batches: the variance that stochastic
  /// gradient descent has anyway; nil if only one batch was looked at.
  public let batchVariance: Double?

  /// How many times smaller what is kept is than the whole input.
  public var compression: Double { Double(wholeByteCount) / Double(byteCount) }

  /// √(E‖ĝ − g‖²) / ‖g‖; 0 where the estimate is exact.
  public var relativeError: Double { Self.ratio(squaredError, squaredNorm).squareRoot() }

  /// The same, predicted.
  public var predictedRelativeError: Double {
    Self.ratio(predictedSquaredError, squaredNorm).squareRoot()
  }

  /// E⟨ĝ, g⟩ / (‖g‖ √(E‖ĝ‖²)): 1 where the estimate is exact.
  public var cosine: Double {
    Self.ratio(product, (squaredNorm * estimateSquaredNorm).squareRoot())
  }

  /// The variance of the sketch over that of batches: about 1 doubles the noise of training.
  public var varianceRatio: Double? {
    batchVariance.map { Self.ratio(squaredError, $0) }
  }

  private static func ratio(_ part: Double, _ whole: Double) -> Double {
    part == 0 ? 0 : part / whole
  }

  /// The sums over layers, as the errors of one long gradient.
  public static func total(_ layers: [LayerGradientError]) -> LayerGradientError {
    func sum(_ value: (LayerGradientError) -> Double) -> Double {
      layers.reduce(0) { $0 + value($1) }
    }
    let variances = layers.compactMap(\.batchVariance)
    return LayerGradientError(
      node: nil, layer: "all", representation: "",
      wholeByteCount: layers.reduce(0) { $0 + $1.wholeByteCount },
      byteCount: layers.reduce(0) { $0 + $1.byteCount },
      squaredNorm: sum(\.squaredNorm), squaredError: sum(\.squaredError),
      predictedSquaredError: sum(\.predictedSquaredError), product: sum(\.product),
      estimateSquaredNorm: sum(\.estimateSquaredNorm),
      batchVariance: variances.count == layers.count ? variances.reduce(0, +) : nil)
  }
}
