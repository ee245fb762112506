import Kernels

/// A loss of numbers against numbers: squares, absolute values, what lies between, or logits against
/// probabilities.
///
/// With one input its targets are those of the batch, one for each element. With two the second one is
/// the target, such as a teacher's value that a hint follows (Romero and others 2015, arXiv 1412.6550);
/// it gets no gradient. The forward pass leaves the gradient in the memory of the prediction, and
/// nothing else waits.
public struct ValueLoss: NetworkOperation {
  let loss: ElementLoss
  let reduction: LossReduction
  let positiveWeights: [Float]?
  /// The short name of the kind: `mse`, `l1`, `smooth_l1`, `huber` or `bce`.
  public let kind: String

  private init(
    _ loss: ElementLoss, kind: String, reduction: LossReduction, positiveWeights: [Float]? = nil
  ) {
    self.loss = loss
    self.kind = kind
    self.reduction = reduction
    self.positiveWeights = positiveWeights
  }

  /// The squares of the differences.
  public static func squares(reduction: LossReduction = .mean) -> ValueLoss {
    ValueLoss(.squared, kind: "mse", reduction: reduction)
  }

  /// The magnitudes of the differences (L1); the derivative at 0 is 0.
  public static func magnitudes(reduction: LossReduction = .mean) -> ValueLoss {
    ValueLoss(.absolute, kind: "l1", reduction: reduction)
  }

  /// d²/(2·beta) for differences d below beta, |d| − beta/2 for larger ones (smooth L1).
  ///
  /// - Parameters:
  ///   - beta: Where squares end; above 0.
  ///   - reduction: Mean or sum.
  /// - Returns: The loss.
  public static func smoothMagnitudes(
    beta: Float = 1, reduction: LossReduction = .mean
  ) -> ValueLoss {
    ValueLoss(.smoothAbsolute(beta: beta), kind: "smooth_l1", reduction: reduction)
  }

  /// d²/2 for differences d below delta, delta·(|d| − delta/2) for larger ones.
  ///
  /// - Parameters:
  ///   - delta: Where squares end; above 0.
  ///   - reduction: Mean or sum.
  /// - Returns: The loss.
  public static func huber(delta: Float = 1, reduction: LossReduction = .mean) -> ValueLoss {
    ValueLoss(.huber(delta: delta), kind: "huber", reduction: reduction)
  }

  /// The binary cross-entropy −[w·t·log σ(z) + (1 − t)·log(1 − σ(z))] of logits z with probabilities t.
  ///
  /// - Parameters:
  ///   - positiveWeights: The weight w of each channel; nil for 1.
  ///   - reduction: Mean or sum.
  /// - Returns: The loss.
  public static func binaryCrossEntropy(
    positiveWeights: [Float]? = nil, reduction: LossReduction = .mean
  ) -> ValueLoss {
    ValueLoss(
      .logistic, kind: "bce", reduction: reduction, positiveWeights: positiveWeights)
  }
}

extension ValueLoss {
  /// Always: it yields a loss instead of a value.
  public var isLoss: Bool { true }

  /// Mean or sum.
  public var lossReduction: LossReduction { reduction }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard let input = inputs.first, inputs.count <= 2 else {
      throw ShapeError("\(kind) reads one value, or two to compare, not \(inputs.count)")
    }
    if let target = inputs.dropFirst().first, target != input {
      throw ShapeError("it cannot compare values of different shapes, \(input) and \(target)")
    }
    switch loss {
    case .smoothAbsolute(let limit), .huber(let limit):
      guard limit > 0, limit.isFinite else {
        throw ShapeError("squares end at \(limit); that must be above 0 and finite")
      }
    case .squared, .absolute, .logistic: break
    }
    if let weights = positiveWeights {
      guard weights.count == input.channels, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw ShapeError(
          "it needs \(input.channels) weights of channels, 0 or more and finite, not \(weights)")
      }
    }
    return Shape(channels: 0)
  }

  /// One number for each element, unless a second input is the target.
  public func lossTargets(for inputs: [Shape]) -> LossTargets {
    inputs.count == 1 ? .values(count: inputs[0].elementCount) : .none
  }

  /// The prediction, not what it is compared with.
  public func passesGradient(toInput index: Int) -> Bool { index == 0 }

  /// About three an element; an exponential and a logarithm count as eight more.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    (loss == .logistic ? 11 : 3) * shapes.inputElementCount
  }

  /// The gradient that the forward pass left.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The gradient, which takes over the prediction's memory.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] { [.keptGradient(shapes)] }

  /// The gradient that the forward pass left.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// Computes the loss and, if it is wanted, its gradient.
  public func forward(_ pass: ForwardPass) {
    let input = pass.shapes.inputs[0]
    let count = pass.shapes.inputElementCount
    let targets = unsafe pass.inputs.count == 2 ? pass.inputs[1] : pass.targets.unwrapped
    let divisor = reduction == .mean ? Double(count) : 1
    func sum(_ weights: UnsafePointer<Float>?) -> Double {
      unsafe pass.engine.elementLoss(
        loss, values: pass.inputs[0], targets: targets, gradient: pass.keptGradient,
        rows: pass.shapes.batchSize * input.pixelCount, channels: input.channels,
        positiveWeights: weights, factor: Float(1 / divisor))
    }
    let total =
      if let positiveWeights {
        unsafe positiveWeights.withUnsafeBufferPointer { unsafe sum($0.baseAddress) }
      } else {
        sum(nil)
      }
    unsafe pass.report.pointee.loss = Float(total / divisor)
  }

  /// Hands on the gradient that the forward pass left.
  public func backward(_ pass: BackwardPass) { pass.handOnKeptGradient() }
}
