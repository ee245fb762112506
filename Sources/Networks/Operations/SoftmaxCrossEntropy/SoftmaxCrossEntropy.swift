import Kernels

/// The mean over the batch of −Σ_c q_c · log softmax(scores)_c, the usual loss of a classifier.
///
/// q = (1 − ε)·one-hot(label) + ε/C with ε = `labelSmoothing`. Maps of scores have a label for each
/// pixel, and the mean is over all pixels too. Classes may have weights, a label may be ignored, and the
/// losses may be added up instead of averaged: with weights w the loss of a label l is
/// (1 − ε)·w_l·(−log p_l) + ε/C·Σ_c w_c·(−log p_c), and the mean divides by the sum of the w_l of the
/// labels that count. A batch in which none counts has no loss and no gradient.
///
/// The probabilities take over the memory of the scores, and the gradient that of the probabilities.
public struct SoftmaxCrossEntropy: NetworkOperation {
  let labelSmoothing: Float
  let classWeights: [Float]?
  let ignoredLabel: Int?
  let reduction: LossReduction

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - labelSmoothing: ε, from 0 up to, but not including, 1.
  ///   - classWeights: The weight of each class, 0 or more; nil for 1.
  ///   - ignoredLabel: A label that does not count, be it a class or none; nil if all count.
  ///   - reduction: Mean or sum.
  public init(
    labelSmoothing: Float = 0, classWeights: [Float]? = nil, ignoredLabel: Int? = nil,
    reduction: LossReduction = .mean
  ) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.ignoredLabel = ignoredLabel
    self.reduction = reduction
  }

  /// Whether all labels count alike, so that the probabilities are all that the gradient needs.
  var isPlain: Bool { classWeights == nil && ignoredLabel == nil && reduction == .mean }
}

extension SoftmaxCrossEntropy {
  /// The kind `loss`.
  public var kind: String { "loss" }

  /// Always: it yields a loss instead of a value.
  public var isLoss: Bool { true }

  /// Mean or sum.
  public var lossReduction: LossReduction { reduction }

  /// Where labels count differently, the mean over a batch is not that of the means over its parts.
  public var mixesSamples: Bool { !isPlain && reduction == .mean }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard (0..<1).contains(labelSmoothing) else {
      throw ShapeError("label smoothing \(labelSmoothing) must be at least 0 and below 1")
    }
    if let weights = classWeights {
      guard weights.count == input.channels, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw ShapeError(
          "it needs \(input.channels) weights of classes, 0 or more and finite, not \(weights)")
      }
    }
    if let ignoredLabel, Int32(exactly: ignoredLabel) == nil {
      throw ShapeError("the ignored label \(ignoredLabel) is not a number of 32 bits")
    }
    return Shape(channels: 0)
  }

  /// A class for every pixel.
  public func lossTargets(for inputs: [Shape]) -> LossTargets {
    .classes(
      classCount: inputs[0].channels, labelCount: inputs[0].pixelCount,
      ignored: ignoredLabel.flatMap { Int32(exactly: $0) })
  }

  /// About five a score: an exponential counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 5 * shapes.inputElementCount }

  /// What the forward pass left.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The probabilities, which the forward pass works in; where labels count differently, the gradient.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    guard isPlain else { return [.keptGradient(shapes)] }
    return [
      OwnResidual(
        name: "probabilities", byteCount: shapes.inputs[0].byteCount(batchSize: shapes.batchSize),
        isOptional: false, mayOverwriteInput: 0)
    ]
  }

  /// What the forward pass left.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// Computes the loss, and the probabilities or the gradient.
  public func forward(_ pass: ForwardPass) {
    let rows = rowCount(pass.shapes)
    let classes = pass.shapes.inputs[0].channels
    guard isPlain else {
      withLabelCounting { counting in
        forward(pass, counting, rows: rows, classes: classes)
      }
      return
    }
    let probabilities = unsafe pass.residuals[0].unwrapped.assumingMemoryBound(to: Float.self)
    unsafe pass.report.pointee.correctPredictions = pass.engine.correctPredictions(
      scores: pass.inputs[0], labels: pass.labels.unwrapped, rows: rows, classes: classes)
    unsafe pass.report.pointee.loss = pass.engine.softmaxCrossEntropy(
      logits: pass.inputs[0], labels: pass.labels.unwrapped, probabilities: probabilities,
      rows: rows, classes: classes, labelSmoothing: labelSmoothing)
  }

  private func forward(
    _ pass: ForwardPass, _ counting: LabelCounting, rows: Int, classes: Int
  ) {
    let labels = unsafe pass.labels.unwrapped
    let weight = unsafe pass.engine.labelWeight(
      labels, rows: rows, classes: classes, counting: counting)
    let divisor = reduction == .sum || weight == 0 ? 1 : weight
    let sums = unsafe pass.engine.weightedCrossEntropy(
      scores: pass.inputs[0], labels: labels, gradient: pass.keptGradient, rows: rows,
      classes: classes, counting: counting, factor: Float(1 / divisor))
    unsafe pass.report.pointee.correctPredictions = sums.correctPredictions
    unsafe pass.report.pointee.loss = Float(sums.loss / divisor)
  }

  private func withLabelCounting(_ body: (LabelCounting) -> Void) {
    let ignored = ignoredLabel.flatMap { Int32(exactly: $0) }
    guard let classWeights else {
      unsafe body(
        LabelCounting(smoothing: labelSmoothing, classWeights: nil, ignoredLabel: ignored))
      return
    }
    unsafe classWeights.withUnsafeBufferPointer { weights in
      unsafe body(
        LabelCounting(
          smoothing: labelSmoothing, classWeights: weights.baseAddress, ignoredLabel: ignored))
    }
  }

  /// Computes (probabilities − q) / batch, or hands on the gradient.
  public func backward(_ pass: BackwardPass) {
    guard isPlain else { return pass.handOnKeptGradient() }
    guard let destination = pass.inputGradients[0] else { return }
    let probabilities = unsafe pass.residual(.own(0)).floats
    let gradient = unsafe pass.gradientInPlace(of: probabilities, for: destination)
    unsafe pass.engine.softmaxCrossEntropyBackward(
      probabilities: probabilities, labels: pass.labels.unwrapped, gradient: gradient,
      rows: rowCount(pass.shapes), classes: pass.shapes.inputs[0].channels,
      labelSmoothing: labelSmoothing, weight: pass.lossWeight)
    unsafe pass.addIfApart(gradient, to: destination)
  }

  private func rowCount(_ shapes: NodeShapes) -> Int {
    shapes.batchSize * shapes.inputs[0].pixelCount
  }
}
