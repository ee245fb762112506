import Kernels

/// The soft Dice loss of channels that are each there or not: 1 − the mean over samples and channels of
/// D = (2·Σ p·t + smooth) / (Σ p + Σ t + smooth).
///
/// p is the sigmoid of the scores, t is the target from 0 to 1, a number for each element; the sums are
/// over pixels (Milletari and others 2016, arXiv 1606.04797). Where every pixel has one class of several,
/// take `SoftDice`. The forward pass leaves the gradient in the memory of the scores.
public struct BinaryDice: NetworkOperation {
  let smooth: Float

  /// Creates the loss.
  ///
  /// - Parameter smooth: What is added to both sides of the fraction; above 0.
  public init(smooth: Float = 1) {
    self.smooth = smooth
  }
}

extension BinaryDice {
  /// The kind `binary_dice`.
  public var kind: String { "binary_dice" }

  /// Always: it yields a loss instead of a value.
  public var isLoss: Bool { true }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    _ = try onlyInput(inputs)
    guard smooth > 0, smooth.isFinite else {
      throw ShapeError("smooth is \(smooth); it must be above 0 and finite")
    }
    return Shape(channels: 0)
  }

  /// A number for every element.
  public func lossTargets(for inputs: [Shape]) -> LossTargets {
    .values(count: inputs[0].elementCount)
  }

  /// About fourteen a score: an exponential counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 14 * shapes.inputElementCount }

  /// The gradient that the forward pass left.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The gradient, which takes over the memory of the scores.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] { [.keptGradient(shapes)] }

  /// The gradient that the forward pass left.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// The partial sums of the forward pass.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    guard pass == .forward else { return 0 }
    return Engine.binaryDiceScratchByteCount(
      samples: shapes.batchSize, pixels: shapes.inputs[0].pixelCount,
      channels: shapes.inputs[0].channels)
  }

  /// Computes loss and Dice scores and, if it is wanted, the gradient.
  public func forward(_ pass: ForwardPass) {
    let input = pass.shapes.inputs[0]
    let result = unsafe pass.engine.binaryDice(
      scores: pass.inputs[0], targets: pass.targets.unwrapped, gradient: pass.keptGradient,
      samples: pass.shapes.batchSize, pixels: input.pixelCount, channels: input.channels,
      smooth: smooth, scratch: pass.scratch)
    unsafe pass.report.pointee.loss = result.loss
    unsafe pass.report.pointee.diceSum = result.diceSum
  }

  /// Hands on the gradient that the forward pass left.
  public func backward(_ pass: BackwardPass) { pass.handOnKeptGradient() }
}
