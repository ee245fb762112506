import Kernels

/// Local response normalisation: y = x/(k + alpha/size · Σ x²)^beta, where the sum goes over `size`
/// neighbouring channels of the same pixel (Krizhevsky, Sutskever and Hinton 2012; conventions as in
/// PyTorch).
///
/// Windows are cut off at the first and the last channel, yet alpha is always divided by the whole
/// size; a window of an even size reaches one channel further down than up. It keeps its input.
public struct LocalResponseNormalization: NetworkOperation {
  private let size: Int
  private let alpha: Float
  private let beta: Float
  private let k: Float

  /// Creates a local response normalisation.
  ///
  /// - Parameters:
  ///   - size: The channels of a window; at least 1.
  ///   - alpha: The factor of the mean of the squares; not negative.
  ///   - beta: The exponent.
  ///   - k: What is added to the mean; positive.
  public init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  private var response: LocalResponse {
    LocalResponse(size: size, factor: alpha / Float(size), exponent: beta, offset: k)
  }
}

extension LocalResponseNormalization {
  /// The kind `lrn`.
  public var kind: String { "lrn" }

  /// The shape of the input.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard (1...Self.largestSize).contains(size) else {
      throw ShapeError("its window of \(size) channels must have from 1 to \(Self.largestSize)")
    }
    guard alpha >= 0, alpha.isFinite, beta.isFinite, k > 0, k.isFinite else {
      throw ShapeError(
        "alpha \(alpha) must not be negative, k \(k) must be positive, and both and beta \(beta) "
          + "finite")
    }
    return try onlyInput(inputs)
  }

  /// The widest window: more channels than any network has.
  private static var largestSize: Int { 1 << 20 }

  /// The squares' sum of each window, and six more an element; a power counts as three.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    (size + 6) * shapes.outputElementCount
  }

  /// Input and output; backward the input and two gradients.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    (pass == .forward ? 2 : 3) * shapes.output.byteCount(batchSize: shapes.batchSize)
  }

  /// The input.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.input(0))]
  }

  /// The input.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  /// The output's gradient.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Some rows of channels for each thread.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    Engine.localResponseScratchBytes(
      response, channels: shapes.output.channels, threadCount: threadCount)
  }

  /// Divides each element by what its neighbours make of it.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.normalizeLocally(
      response, input: pass.inputs[0], output: pass.output.unwrapped,
      pixels: pass.shapes.batchSize * pass.shapes.output.pixelCount,
      channels: pass.shapes.output.channels, sketching: pass.sketching, scratch: pass.scratch)
  }

  /// Computes the gradient of the input.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.normalizeLocallyBackward(
      response, input: pass.residual(.input(0)).floats,
      outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination.memory,
      pixels: pass.shapes.batchSize * pass.shapes.output.pixelCount,
      channels: pass.shapes.output.channels, accumulate: destination.accumulate,
      scratch: pass.scratch)
  }
}
