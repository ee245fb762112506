import Networks
import Testing

/// One operation on inputs of some shapes.
struct OperationExample: Sendable, CustomTestStringConvertible {
  let operation: any NetworkOperation
  let inputs: [Shape]

  init(_ operation: any NetworkOperation, _ inputs: Shape...) {
    self.operation = operation
    self.inputs = inputs
  }

  var testDescription: String { "\(operation.kind) of \(inputs)" }
}

/// What every operation promises.
///
/// A new operation is a line in the list.
@Suite struct OperationTests {
  private static let map = Shape(6, 5, channels: 7)

  static let examples: [OperationExample] = [
    OperationExample(Activation(.clipped(lower: -1, upper: 1)), map),
    OperationExample(Activation(.elu(alpha: 0.5)), map),
    OperationExample(Activation(.gelu), map),
    OperationExample(Activation(.geluTanh), map),
    OperationExample(Activation(.hardSigmoid), map),
    OperationExample(Activation(.hardSwish), map),
    OperationExample(Activation(.mish), map),
    OperationExample(Activation(.relu6), map),
    OperationExample(Activation(.sigmoid), map),
    OperationExample(Activation(.silu), map),
    OperationExample(Activation(.softplus(beta: 2, threshold: 3)), map),
    OperationExample(Activation(.tanh), map),
    OperationExample(Add(), map, map),
    OperationExample(AveragePooling(3, stride: 2, padding: 1), map),
    OperationExample(AveragePooling(2), Shape(4, 6, 5, channels: 3)),
    OperationExample(BatchNormalization(), map),
    OperationExample(BatchNormalization(epsilon: 0.1, frozen: true), map),
    OperationExample(Concatenation(), map, Shape(6, 5, channels: 3), Shape(6, 5, channels: 16)),
    OperationExample(Convolution(3, channels: 5, padding: 1), map),
    OperationExample(Convolution(3, channels: 8, stride: 2, groups: 4), Shape(7, 6, channels: 8)),
    OperationExample(
      Convolution([3, 1, 2], channels: 4, bias: false), Shape(4, 3, 5, channels: 2)),
    OperationExample(Dropout(0.4, over: .sample), map),
    OperationExample(Dropout(0.4), map),
    OperationExample(Dropout(0.4, over: .channel), map),
    OperationExample(Flatten(), map),
    OperationExample(GlobalAveragePooling(), map),
    OperationExample(Linear(6), Shape(channels: 9)),
    OperationExample(Linear(3, bias: false), Shape(channels: 20)),
    OperationExample(LocalResponseNormalization(size: 4, alpha: 0.5), map),
    OperationExample(MaxPooling(2), map),
    OperationExample(MaxPooling(3, stride: 2, padding: 1), Shape(7, 7, channels: 3)),
    OperationExample(Multiply(), map, map),
    OperationExample(Multiply(), map, Shape(channels: 7)),
    OperationExample(Multiply(), map, Shape(6, 5, channels: 1)),
    OperationExample(ParametricReLU(), map),
    OperationExample(ParametricReLU(perChannel: false, initialSlope: -0.5), map),
    OperationExample(ReLU(), map),
    OperationExample(ReLU(negativeSlope: 0.1), map),
    OperationExample(SoftDice(), Shape(4, 5, channels: 3)),
    OperationExample(SoftmaxCrossEntropy(labelSmoothing: 0.1), Shape(channels: 6)),
    OperationExample(SoftmaxCrossEntropy(), Shape(3, 4, channels: 5)),
    OperationExample(Subtract(), map, map),
    OperationExample(Subtract(), map, Shape(channels: 7)),
    OperationExample(Subtract(), map, Shape(6, 5, channels: 1)),
    OperationExample(
      SoftmaxCrossEntropy(labelSmoothing: 0.2, classWeights: [1, 0.5, 3], ignoredLabel: 2),
      Shape(3, 4, channels: 3)),
    OperationExample(SoftmaxCrossEntropy(reduction: .sum), Shape(channels: 4)),
    OperationExample(BinaryDice(), Shape(4, 5, channels: 3)),
    OperationExample(ValueLoss.squares(), map),
    OperationExample(ValueLoss.magnitudes(reduction: .sum), Shape(channels: 6)),
    OperationExample(ValueLoss.smoothMagnitudes(beta: 0.3), map, map),
    OperationExample(ValueLoss.huber(delta: 0.4), map),
    OperationExample(
      ValueLoss.binaryCrossEntropy(positiveWeights: [1, 2, 0.5]), Shape(2, channels: 3)),
    OperationExample(
      Distillation(temperature: 3, teacherWeight: 0.7, labelWeight: 0.4), Shape(3, 2, channels: 5),
      Shape(3, 2, channels: 5)),
    OperationExample(Upsampling(2), map),
  ]

  @Test(arguments: examples) func promisesAreKept(example: OperationExample) throws {
    try checkOperation(example.operation, inputs: example.inputs)
  }
}
