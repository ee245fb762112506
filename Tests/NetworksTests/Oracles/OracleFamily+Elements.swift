import Kernels
import Networks
import OracleSupport

extension OracleFamily {
  /// Functions of one element.
  static let activations: [String: OracleFamily] = [
    "relu6": .activation { _ in .relu6 },
    "hardtanh": .activation { .clipped(lower: try $0.float("min"), upper: try $0.float("max")) },
    "hardsigmoid": .activation { _ in .hardSigmoid },
    "hardswish": .activation { _ in .hardSwish },
    "elu": .activation { .elu(alpha: try $0.float("alpha")) },
    "sigmoid": .activation { _ in .sigmoid },
    "tanh": .activation { _ in .tanh },
    "silu": .activation { _ in .silu },
    "swish": .activation { .swish(beta: try $0.float("beta")) },
    "gelu": .activation { _ in .gelu },
    "gelu_tanh": .activation { _ in .geluTanh },
    "mish": .activation { _ in .mish },
    "softplus": .activation {
      .softplus(beta: try $0.float("beta"), threshold: try $0.float("threshold"))
    },
    "prelu": .graph { oracle in
      OracleGraph(
        ParametricReLU(perChannel: try oracle.fields.bool("per_channel")), parameters: ["a"])
    },
  ]

  /// Products, differences, and what else normalises or drops elements.
  static let elements: [String: OracleFamily] = [
    "multiply": .graph { _ in OracleGraph(Multiply(), inputs: ["x0", "x1"]) },
    "subtract": .graph { _ in OracleGraph(Subtract(), inputs: ["x0", "x1"]) },
    "channel_scale": .graph { _ in OracleGraph(Multiply(), inputs: ["x", "s"]) },
    "squeeze_excite": .graph { oracle in
      OracleGraph([
        OracleGraph.Node("mean", GlobalAveragePooling(), inputs: ["x"]),
        OracleGraph.Node(
          "squeezed", Linear(try oracle.fields.integer("hidden")), inputs: ["mean"],
          parameters: ["w1", "b1"]),
        OracleGraph.Node("rectified", ReLU(), inputs: ["squeezed"]),
        OracleGraph.Node(
          "excited", Linear(try oracle.shape("x")[1]), inputs: ["rectified"],
          parameters: ["w2", "b2"]),
        OracleGraph.Node("s", Activation(.sigmoid), inputs: ["excited"]),
        OracleGraph.Node("y", Multiply(), inputs: ["x", "s"]),
      ])
    },
    "local_response_norm": .graph { oracle in
      let fields = oracle.fields
      return OracleGraph(
        LocalResponseNormalization(
          size: try fields.integer("size"), alpha: try fields.float("alpha"),
          beta: try fields.float("beta"), k: try fields.float("k")))
    },
    "dropout": .check { try $0.dropoutFailures(on: $1) },
    "drop_connect": .check { try $0.dropoutFailures(on: $1) },
  ]

  private static func activation(
    _ function: @escaping @Sendable (OracleFields) throws -> ActivationFunction
  ) -> OracleFamily {
    .graph { OracleGraph(Activation(try function($0.fields))) }
  }
}

extension OracleCase {
  /// Runs a dropout until every element has once been dropped or kept as in the case's mask, which an
  /// operation that draws its own cannot be given, and compares what became of it then.
  fileprivate func dropoutFailures(on engine: Engine) throws -> [String] {
    let probability = try fields.float("p")
    let unit = try fields.string("mask_over")
    let operation: any NetworkOperation =
      switch unit {
      case "element": Dropout(probability)
      case "channel": Dropout(probability, over: .channel)
      case "sample": Dropout(probability, over: .sample)
      default: throw OracleError("case '\(name)' drops out \(unit)s, which nothing does")
      }
    let input = try tensor("x")
    let shape = Shape(spatial: Array(input.shape.dropFirst(2)), channels: input.shape[1])
    func harness(_ values: [Float]) throws -> OperationHarness {
      try OperationHarness(
        operation, inputs: [(shape, values)], batchSize: input.shape[0], engine: engine)
    }
    let values = input.channelsLast().values
    let (drawn, run) = try (harness(values.map { _ in 1 }), harness(values))
    let mask = try dropoutMask(over: unit, count: values.count, channels: shape.channels)
    let gradient = try tensor("dy").channelsLast().values
    var output = [Float](repeating: .nan, count: values.count)
    var inputGradient = output
    for seed in 0..<500 where output.contains(where: \.isNaN) {
      (drawn.seed, run.seed) = (UInt64(seed), UInt64(seed))
      drawn.forward()
      run.forward()
      run.backward(outputGradient: gradient)
      for index in values.indices where (drawn.output[index] != 0) == mask[index] {
        output[index] = run.output[index]
        inputGradient[index] = run.inputGradients[0][index]
      }
    }
    let comparisons = try [
      compare(output, with: "y", layout: { $0.channelsLast() }),
      compare(inputGradient, with: "dx", layout: { $0.channelsLast() }),
    ]
    return comparisons.filter { !$0.agrees }.map(\.description)
      + (drawn.overran || run.overran ? ["\(name) wrote beside its memory"] : [])
  }

  /// For every element, in our order, whether the case's mask keeps it.
  private func dropoutMask(over unit: String, count: Int, channels: Int) throws -> [Bool] {
    let mask = try tensor("mask").channelsLast().values
    let samples = try shape("mask")[0]
    return (0..<count).map { index in
      let sample = index / (count / samples)
      switch unit {
      case "element": return mask[index] != 0
      case "channel": return mask[sample * channels + index % channels] != 0
      default: return mask[sample] != 0
      }
    }
  }
}
