import Kernels

/// What a student learns from a teacher's scores, and from the labels: w·T²·KL(softmax(teacher/T) ‖
/// softmax(student/T)) + v·cross-entropy, as means over samples and pixels.
///
/// It reads two values, the student's scores and the teacher's, which get no gradient (Hinton and others
/// 2015, arXiv 1503.02531). The forward pass leaves the gradient in the memory of the student's scores,
/// and nothing else waits.
public struct Distillation: NetworkOperation {
  let temperature: Float
  let teacherWeight: Float
  let labelWeight: Float

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - temperature: T, by which scores are divided; above 0.
  ///   - teacherWeight: w, the weight of what the teacher says; 0 or more.
  ///   - labelWeight: v, the weight of the labels; 0 or more, and 0 for a batch without labels.
  public init(temperature: Float = 4, teacherWeight: Float = 1, labelWeight: Float = 0) {
    self.temperature = temperature
    self.teacherWeight = teacherWeight
    self.labelWeight = labelWeight
  }
}

extension Distillation {
  /// The kind `distillation`.
  public var kind: String { "distillation" }

  /// Always: it yields a loss instead of a value.
  public var isLoss: Bool { true }

  /// No value: the loss goes into the step's report.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2 else {
      throw ShapeError("distillation reads a student's and a teacher's scores, not \(inputs.count)")
    }
    guard inputs[0] == inputs[1] else {
      throw ShapeError(
        "it cannot compare scores of different shapes, \(inputs[0]) and \(inputs[1])")
    }
    guard temperature > 0, temperature.isFinite else {
      throw ShapeError("the temperature \(temperature) must be above 0 and finite")
    }
    guard teacherWeight >= 0, labelWeight >= 0, (teacherWeight + labelWeight).isFinite else {
      throw ShapeError(
        "the weights \(teacherWeight) and \(labelWeight) must be 0 or more and finite")
    }
    return Shape(channels: 0)
  }

  /// The classes, if they count.
  public func lossTargets(for inputs: [Shape]) -> LossTargets {
    labelWeight > 0
      ? .classes(
        classCount: inputs[0].channels, labelCount: inputs[0].pixelCount, ignored: nil) : .none
  }

  /// The student, not the teacher.
  public func passesGradient(toInput index: Int) -> Bool { index == 0 }

  /// About sixteen a score: an exponential counts as one.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 16 * shapes.inputElementCount }

  /// The gradient that the forward pass left.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The gradient, which takes over the student's memory.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] { [.keptGradient(shapes)] }

  /// The gradient that the forward pass left.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .ownResidual(0) }

  /// Computes the loss and, if it is wanted, its gradient.
  public func forward(_ pass: ForwardPass) {
    let input = pass.shapes.inputs[0]
    let rows = pass.shapes.batchSize * input.pixelCount
    let labels = unsafe labelWeight > 0 ? pass.labels.unwrapped : nil
    if let labels = unsafe labels {
      unsafe pass.report.pointee.correctPredictions = pass.engine.correctPredictions(
        scores: pass.inputs[0], labels: labels, rows: rows, classes: input.channels)
    }
    let sums = unsafe pass.engine.distillation(
      student: pass.inputs[0], teacher: pass.inputs[1], gradient: pass.keptGradient, rows: rows,
      classes: input.channels, temperature: temperature, factor: teacherWeight / Float(rows),
      labels: labels, labelFactor: labelWeight / Float(rows))
    unsafe pass.report.pointee.loss = Float(
      (Double(teacherWeight) * sums.divergence + Double(labelWeight) * sums.crossEntropy)
        / Double(rows))
  }

  /// Hands on the gradient that the forward pass left.
  public func backward(_ pass: BackwardPass) { pass.handOnKeptGradient() }
}
