import Kernels
import Networks
import OracleSupport

extension OracleFamily {
  /// Operations whose weights are computed from others.
  static let computedWeights: [String: OracleFamily] = [
    "weight_standardised_conv": .check { oracle, engine in
      let deviations: [String: WeightStandardization.Deviation] = [
        "biased": .biased, "unbiased": .unbiased,
      ]
      let variance = try oracle.fields.string("variance")
      guard let deviation = deviations[variance] else {
        throw OracleError("case '\(oracle)' has the variance '\(variance)', which nobody knows")
      }
      return try derivedConvolution(
        oracle, engine,
        WeightStandardization(epsilon: try oracle.fields.float("eps"), deviation: deviation))
    }
  ]

  /// A convolution whose weights `w_eff` are derived from `w`.
  private static func derivedConvolution(
    _ oracle: OracleCase, _ engine: Engine, _ transform: some ParameterTransform
  ) throws -> [String] {
    let fields = oracle.fields
    let hasBias = try fields.bool("bias")
    let convolution = Convolution(
      try fields.axes("kernel"), channels: try fields.integer("K"),
      stride: try fields.axes("stride"), padding: try fields.axes("pad"),
      dilation: try fields.axes("dilation"), groups: try fields.integer("groups"), bias: hasBias)
    let input = try oracle.tensor("x")
    let shape = Shape(spatial: Array(input.shape.dropFirst(2)), channels: input.shape[1])
    let descriptions = convolution.parameters(for: [shape])
    let source = descriptions[0].ours(try oracle.tensor("w"))
    let upstream = try oracle.tensor("dy").channelsLast()
    guard source.shape == descriptions[0].shape else {
      throw OracleError("case '\(oracle)' has weights of another shape")
    }
    let run = TransformRun(transform, of: descriptions[0], from: source.values, engine: engine)
    let weights = run.derive()
    let harness = try OperationHarness(
      convolution, inputs: [(shape, input.channelsLast().values)], batchSize: input.shape[0],
      parameters: [weights] + (hasBias ? [try oracle.tensor("b").values] : []), engine: engine)
    guard upstream.values.count == harness.shapes.outputElementCount else {
      throw OracleError("case '\(oracle)' has another shape of dy")
    }
    harness.forward()
    harness.backward(outputGradient: upstream.values)
    var comparisons = [
      try oracle.compare(weights, with: "w_eff", layout: descriptions[0].ours),
      try oracle.compare(harness.output, with: "y") { $0.channelsLast() },
      try oracle.compare(harness.inputGradients[0], with: "dx") { $0.channelsLast() },
      try oracle.compare(
        harness.parameterGradients[0], with: "dw_eff", layout: descriptions[0].ours),
      try oracle.compare(
        run.propagate(harness.parameterGradients[0]), with: "dw", layout: descriptions[0].ours),
    ]
    if hasBias { comparisons.append(try oracle.compare(harness.parameterGradients[1], with: "db")) }
    return comparisons.filter { !$0.agrees }.map(\.description)
      + (harness.overran || run.overran ? ["\(oracle) wrote beside its memory"] : [])
  }
}
