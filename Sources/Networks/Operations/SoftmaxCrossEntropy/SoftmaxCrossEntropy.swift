import Kernels

/// The mean over the batch of −Σ_c q_c · log softmax(scores)_c, the usual loss of a classifier.
///
/// q = (1 − ε)·one-hot(label) + ε/C with ε = `labelSmoothing`. Maps of scores have a label for each
/// pixel, and the mean is over all pixels too. The probabilities take over the memory of the scores,
/// and the gradient that of the probabilities.
public struct SoftmaxCrossEntropy: NetworkOperation {
  let labelSmoothing: Float

  /// Creates the loss.
  ///
  /// - Parameter labelSmoothing: ε, from 0 up to, but not including, 1.
  public init(labelSmoothing: Float = 0) {
    self.labelSmoothing = labelSmoothing
  }
}

extension SoftmaxCrossEntropy {
  /// The kind `loss`.
  public var kind: String { "loss" }

  /// Always: it ends a network.
  public var isLoss: Bool { true }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    _ = try onlyInput(inputs)
    guard (0..<1).contains(labelSmoothing) else {
      throw ShapeError("label smoothing \(labelSmoothing) must be at least 0 and below 1")
    }
    return Shape(channels: 0)
  }

  /// About five a score: an exponential counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 5 * shapes.inputElementCount }

  /// The probabilities.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The probabilities; the forward pass works in them.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    [
      OwnResidual(
        name: "probabilities", byteCount: shapes.inputs[0].byteCount(batchSize: shapes.batchSize),
        isOptional: false, mayOverwriteInput: 0)
    ]
  }

  /// The probabilities.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// Computes probabilities and loss.
  public func forward(_ pass: ForwardPass) {
    let probabilities = unsafe pass.residuals[0].unwrapped.assumingMemoryBound(to: Float.self)
    let rows = unsafe rowCount(pass.shapes)
    let classes = unsafe pass.shapes.inputs[0].channels
    unsafe pass.report.pointee.correctPredictions = pass.engine.correctPredictions(
      scores: pass.inputs[0], labels: pass.labels, rows: rows, classes: classes)
    unsafe pass.report.pointee.loss = pass.engine.softmaxCrossEntropy(
      logits: pass.inputs[0], labels: pass.labels, probabilities: probabilities, rows: rows,
      classes: classes, labelSmoothing: labelSmoothing)
  }

  /// Computes (probabilities − q) / batch.
  public func backward(_ pass: BackwardPass) {
    guard let destination = unsafe pass.inputGradients[0] else { return }
    unsafe pass.engine.softmaxCrossEntropyBackward(
      probabilities: pass.residual(.own(0)).floats, labels: pass.labels,
      gradient: destination.memory, rows: rowCount(pass.shapes),
      classes: pass.shapes.inputs[0].channels, labelSmoothing: labelSmoothing)
  }

  private func rowCount(_ shapes: NodeShapes) -> Int {
    shapes.batchSize * shapes.inputs[0].pixelCount
  }
}
