import Kernels

/// The soft Dice loss, for networks that give every pixel a class: 1 − the mean over samples and
/// classes of D = (2·Σ p·t + smooth) / (Σ p + Σ t + smooth).
///
/// p is the softmax of the scores, t is 1 at the pixels of the class; the sums are over pixels
/// (Milletari and others 2016, arXiv 1606.04797, without squares). The first class is the
/// background: it counts in the loss, but not in the Dice score that is reported. The probabilities
/// take over the memory of the scores, and the gradient that of the probabilities.
public struct SoftDice: NetworkOperation {
  let smooth: Float

  /// Creates the loss.
  ///
  /// - Parameter smooth: What is added to both sides of the fraction; above 0.
  public init(smooth: Float = 1) {
    self.smooth = smooth
  }
}

extension SoftDice {
  /// The kind `dice`.
  public var kind: String { "dice" }

  /// Always: it ends a network.
  public var isLoss: Bool { true }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard smooth > 0, smooth.isFinite else {
      throw ShapeError("smooth is \(smooth); it must be above 0 and finite")
    }
    guard input.channels >= 2 else {
      throw ShapeError("the Dice loss needs at least two classes, not \(input.channels)")
    }
    return Shape(channels: 0)
  }

  /// A class for every pixel.
  public func lossTargets(for inputs: [Shape]) -> LossTargets {
    .classes(classCount: inputs[0].channels, labelCount: inputs[0].pixelCount, ignored: nil)
  }

  /// About eight a score: an exponential counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 8 * shapes.inputElementCount }

  /// The probabilities, and the coefficients of their gradient.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0)), ResidualNeed(.own(1))]
  }

  /// The probabilities, which the forward pass works in, and two numbers a sample and class.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    let classes = shapes.inputs[0].channels
    return [
      OwnResidual(
        name: "probabilities", byteCount: shapes.inputs[0].byteCount(batchSize: shapes.batchSize),
        isOptional: false, mayOverwriteInput: 0),
      OwnResidual(
        name: "coefficients",
        byteCount: 2 * shapes.batchSize * classes * MemoryLayout<Float>.stride,
        isOptional: false),
    ]
  }

  /// The probabilities.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// The partial sums of the forward pass.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    guard pass == .forward else { return 0 }
    return Engine.softDiceScratchByteCount(
      samples: shapes.batchSize, pixels: shapes.inputs[0].pixelCount,
      classes: shapes.inputs[0].channels)
  }

  /// Computes probabilities, loss and Dice scores.
  public func forward(_ pass: ForwardPass) {
    let input = pass.shapes.inputs[0]
    let report = unsafe pass.engine.softDice(
      scores: pass.inputs[0], labels: pass.labels.unwrapped,
      probabilities: pass.residuals[0].unwrapped.assumingMemoryBound(to: Float.self),
      coefficients: pass.residuals[1].unwrapped.assumingMemoryBound(to: Float.self),
      samples: pass.shapes.batchSize, pixels: input.pixelCount, classes: input.channels,
      smooth: smooth, scratch: pass.scratch)
    unsafe pass.report.pointee.loss = report.loss
    unsafe pass.report.pointee.correctPredictions = report.correctPredictions
    unsafe pass.report.pointee.diceSum = report.diceSum
  }

  /// Computes the gradient of the scores.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let input = pass.shapes.inputs[0]
    // Nobody reads the coefficients or the probabilities after this pass.
    let coefficients = unsafe UnsafeMutableRawPointer(mutating: pass.residual(.own(1)).memory)
      .assumingMemoryBound(to: Float.self)
    if pass.lossWeight != 1 {
      unsafe pass.engine.scale(
        coefficients, by: pass.lossWeight, into: coefficients, accumulate: false,
        count: 2 * pass.shapes.batchSize * input.channels)
    }
    let probabilities = unsafe pass.residual(.own(0)).floats
    let gradient = unsafe pass.gradientInPlace(of: probabilities, for: destination)
    unsafe pass.engine.softDiceBackward(
      probabilities: probabilities, coefficients: coefficients, labels: pass.labels.unwrapped,
      gradient: gradient, samples: pass.shapes.batchSize, pixels: input.pixelCount,
      classes: input.channels)
    unsafe pass.addIfApart(gradient, to: destination)
  }
}
