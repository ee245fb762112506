import Networks
import Testing

/// Settings and shapes that activations, products and dropouts cannot have, refused by a sentence.
@Suite struct ElementSettingsTests {
  private static let map = Shape(6, 5, channels: 4)

  static let refused: [(example: OperationExample, reason: String)] = [
    (OperationExample(Activation(.clipped(lower: 1, upper: 1)), map), "the first below the second"),
    (OperationExample(Activation(.elu(alpha: -0.1)), map), "must be finite and not negative"),
    (OperationExample(Activation(.swish(beta: .nan)), map), "beta nan must be finite"),
    (
      OperationExample(Activation(.softplus(beta: 0, threshold: 20)), map),
      "beta 0.0 must be positive"
    ),
    (OperationExample(Activation(.silu), map, map), "silu reads one value, not 2"),
    (OperationExample(ParametricReLU(initialSlope: .infinity), map), "must be finite"),
    (OperationExample(Dropout(1), map), "from 0 up to, but not including, 1"),
    (OperationExample(Dropout(-0.5), map), "from 0 up to, but not including, 1"),
    (OperationExample(Dropout(.nan, over: .sample), map), "from 0 up to, but not including, 1"),
    (OperationExample(LocalResponseNormalization(size: 0), map), "window of 0 channels"),
    (OperationExample(LocalResponseNormalization(size: 3, k: 0), map), "k 0.0 must be positive"),
    (OperationExample(Multiply(), map), "multiply reads two values, not 1"),
    (OperationExample(Multiply(), map, Shape(channels: 3)), "it cannot multiply values of shapes"),
    (OperationExample(Subtract(), Shape(channels: 4), map), "it cannot subtract values of shapes"),
  ]

  @Test(arguments: refused.indices)
  func whatCannotBeIsRefused(index: Int) {
    let (example, reason) = Self.refused[index]
    let error = #expect(throws: ShapeError.self) {
      try example.operation.outputShape(for: example.inputs)
    }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  /// What a quantised value may leave out: the least value of a group that is known to be 0.
  @Test func functionsThatAreNeverNegativeSaySo() {
    let never: [ActivationFunction] = [
      .relu6, .hardSigmoid, .sigmoid, .softplus(beta: 1, threshold: 20),
    ]
    let keeping: [ActivationFunction] = [
      .hardSwish, .elu(alpha: 1), .tanh, .silu, .gelu, .geluTanh, .mish,
      .clipped(lower: -1, upper: 1),
    ]
    #expect(never.allSatisfy { Activation($0).isNeverNegative && Activation($0).keepsNonNegative })
    #expect(
      keeping.allSatisfy { !Activation($0).isNeverNegative && Activation($0).keepsNonNegative })
    #expect(!Activation(.clipped(lower: -2, upper: -1)).keepsNonNegative)
    #expect(ReLU().isNeverNegative && !ReLU(negativeSlope: 0.1).isNeverNegative)
  }
}
