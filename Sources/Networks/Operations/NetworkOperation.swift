import Kernels

/// What one node does: its facts, its forward and its backward pass.
///
/// An operation states what its backward pass reads; it never decides what is kept. Strategies
/// decide that, and the schedule says where everything lies.
public protocol NetworkOperation: Layer {
  /// The short name of the kind: `conv`, `relu`, … Nodes without a name are numbered after it.
  var kind: String { get }

  /// The shape of the output.
  ///
  /// - Throws: `ShapeError` if the inputs are too many, too few or of shapes that do not fit.
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape

  /// The trained parameters.
  func parameters(for inputs: [Shape]) -> [ParameterDescription]

  /// Statistics that training updates and inference reads.
  func runningStatistics(for inputs: [Shape]) -> [ParameterDescription]

  /// The multiplications of values with weights in the forward pass, each with an addition: what other
  /// libraries count as a model's arithmetic.
  func multiplyAccumulateCount(_ shapes: NodeShapes) -> Int

  /// The arithmetic of the forward pass; a multiplication and an addition are two.
  func forwardFLOPs(_ shapes: NodeShapes) -> Int

  /// The bytes that a pass reads and writes where no cache holds any, parameters left out.
  func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int

  /// What the backward pass reads besides the gradient of the output, to compute the gradients that are
  /// wanted; it is not asked where none is.
  func residualNeeds(for demand: GradientDemand) -> [ResidualNeed]

  /// What the forward pass writes besides its output.
  func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual]

  /// Whether this is an end of a network: it yields a loss instead of a value.
  var isLoss: Bool { get }

  /// What a loss compares its input with.
  func lossTargets(for inputs: [Shape]) -> LossTargets

  /// How a loss adds up what it is made of.
  var lossReduction: LossReduction { get }

  /// Whether the gradient of the output says anything about that of an input; if not, nothing before
  /// that input learns through this operation.
  func passesGradient(toInput index: Int) -> Bool

  /// The operation as it is in a part that is not trained: where it computes statistics of the batch it
  /// uses the running ones, which stay as they are.
  var withFixedStatistics: any NetworkOperation { get }

  /// Whether the output of a sample depends on the other samples of its batch, in training.
  var mixesSamples: Bool { get }

  /// Why a batch cannot be trained with, in words that follow the layer's name; nil if it can.
  ///
  /// A fact of shapes alone: it is asked of every node when the schedule of a training step is made.
  func trainingObstacle(_ shapes: NodeShapes) -> String?

  /// The inputs whose memory the output may take over, if nobody reads them again.
  func outputMayOverwrite(_ shapes: NodeShapes) -> [Int]

  /// The memory that the gradient of an input may take over.
  func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage

  /// The slope below 0, for a rectifier: an operation before it may rectify in its own pass.
  var rectifierSlope: Float? { get }

  /// The passes in which it can do the work of a rectifier behind it, when these gradients are wanted.
  func fusesRectifier(for demand: GradientDemand) -> Set<PassKind>

  /// What the mask of its output tells, if its backward pass takes a bit an element for the output;
  /// the forward pass packs the mask while it writes the output.
  var outputMask: MaskContent? { get }

  /// Whether the forward pass can make the sketches of the output's samples while it writes them.
  var sketchesOutput: Bool { get }

  /// Whether no output is negative, whatever the inputs are.
  var isNeverNegative: Bool { get }

  /// Whether no output is negative if no input is; one that is never negative needs no such inputs.
  var keepsNonNegative: Bool { get }

  /// The bytes of scratch that a pass works in.
  func scratchByteCount(_ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int) -> Int

  /// Computes the output; allocates nothing.
  func forward(_ pass: ForwardPass)

  /// Computes the gradients of inputs and parameters; allocates nothing.
  func backward(_ pass: BackwardPass)
}

/// One of the two passes of an operation.
public enum PassKind: Hashable, Sendable {
  /// From inputs to the output.
  case forward
  /// From the gradient of the output to those of inputs and parameters.
  case backward
}

/// One of the two passes of an operation, with what its scratch depends on.
public enum PassDirection: Hashable, Sendable {
  /// From inputs to the output.
  case forward
  /// From the gradient of the output to those of inputs and parameters.
  case backward(GradientDemand, residuals: [Representation])
}

/// Memory that an input's gradient can take over because the backward pass reads it only before
/// it writes there.
public enum GradientStorage: Hashable, Sendable {
  /// None.
  case none
  /// That of the gradient of the output.
  case outputGradient
  /// That of an own residual.
  case ownResidual(Int)
}

extension NetworkOperation {
  /// No parameters.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] { [] }

  /// No running statistics.
  public func runningStatistics(for inputs: [Shape]) -> [ParameterDescription] { [] }

  /// None.
  public func multiplyAccumulateCount(_ shapes: NodeShapes) -> Int { 0 }

  /// Inputs and output, each once; backward their gradients and one residual as large as the output.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    let output = shapes.output.byteCount(batchSize: shapes.batchSize)
    let inputs = shapes.inputs.reduce(0) { $0 + $1.byteCount(batchSize: shapes.batchSize) }
    return pass == .forward ? inputs + output : inputs + 2 * output
  }

  /// Nothing.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] { [] }

  /// Not a loss.
  public var isLoss: Bool { false }

  /// Nothing.
  public func lossTargets(for inputs: [Shape]) -> LossTargets { .none }

  /// A mean.
  public var lossReduction: LossReduction { .mean }

  /// It does.
  public func passesGradient(toInput index: Int) -> Bool { true }

  /// Itself: there are no statistics.
  public var withFixedStatistics: any NetworkOperation { self }

  /// Samples are apart.
  public var mixesSamples: Bool { false }

  /// None.
  public func trainingObstacle(_ shapes: NodeShapes) -> String? { nil }

  /// None.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [] }

  /// None.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .none }

  /// Not a rectifier.
  public var rectifierSlope: Float? { nil }

  /// None.
  public func fusesRectifier(for demand: GradientDemand) -> Set<PassKind> { [] }

  /// The signs, for a rectifier.
  public var outputMask: MaskContent? { rectifierSlope == nil ? nil : .positive }

  /// A rectifier that passes nothing below 0.
  public var isNeverNegative: Bool { rectifierSlope == 0 }

  /// It cannot.
  public var sketchesOutput: Bool { false }

  /// Not known.
  public var keepsNonNegative: Bool { false }

  /// None.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int { 0 }
}

extension NetworkOperation {
  /// The one input of an operation that takes just one.
  ///
  /// - Throws: `ShapeError` if there is another number of inputs.
  func onlyInput(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 1, let input = inputs.first else {
      throw ShapeError("\(kind) reads one value, not \(inputs.count)")
    }
    return input
  }
}
