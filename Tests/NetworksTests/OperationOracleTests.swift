import Kernels
import Networks
import OracleSupport
import Testing

/// Every operation against PyTorch in float64 (invariant I7), through the operations themselves.
@Suite struct OperationOracleTests {
  static let engines = InstructionSet.available.flatMap { set in
    [1, 3].map { Engine(threadCount: $0, instructionSet: set) }
  }

  @Test func convolutionsAgree() throws {
    let cases = try OracleFile("conv").cases
    #expect(!cases.isEmpty)
    for oracle in cases {
      let fields = oracle.fields
      let size = try fields.integers("size")
      let operation = Convolution(
        AxisValues(try fields.integers("kernel")), channels: try fields.integer("K"),
        stride: AxisValues(try fields.integers("stride")),
        padding: AxisValues(try fields.integers("pad")),
        dilation: AxisValues(try fields.integers("dilation")),
        groups: try fields.integer("groups"), bias: try fields.bool("bias"))
      var parameters = [try oracle.tensor("w").convolutionWeights().values]
      if try fields.bool("bias") { parameters.append(try oracle.tensor("b").values) }
      for engine in Self.engines {
        let harness = try OperationHarness(
          operation,
          inputs: [
            (
              Shape(spatial: size, channels: try fields.integer("C")),
              try oracle.tensor("x").channelsLast().values
            )
          ],
          batchSize: try fields.integer("N"), parameters: parameters, engine: engine)
        try check(harness, oracle, inputs: ["x"], parameters: ["w", "b"])
      }
    }
  }

  @Test func layersAgree() throws {
    let cases = try OracleFile("layers").cases {
      try OracleOperation.covers($0)
    }
    #expect(cases.count >= OracleOperation.allCases.count)
    for oracle in cases {
      let kind = try #require(OracleOperation(rawValue: try oracle.fields.string("op")))
      for engine in Self.engines {
        let harness = try kind.harness(oracle, engine: engine)
        if kind == .crossEntropy || kind == .softDice {
          try checkLoss(harness, oracle)
        } else if kind != .addReLU {
          try check(
            harness, oracle, inputs: kind.inputs, parameters: kind.parameters,
            trainsStatistics: kind == .batchNormalizationTraining)
        } else {
          try checkAddReLU(harness, oracle, engine)
        }
      }
    }
  }

  // MARK: Checks

  private func expect(_ comparison: OracleComparison, _ engine: Engine) {
    #expect(
      comparison.agrees,
      "\(engine.instructionSet), \(engine.threadCount) threads: \(comparison)")
  }

  private func check(
    _ harness: OperationHarness, _ oracle: OracleCase, inputs: [String], parameters: [String],
    trainsStatistics: Bool = false
  ) throws {
    harness.forward()
    expect(try oracle.compare(harness.output, with: "y", layout: ours), harness.engine)
    if trainsStatistics {
      for (values, name) in zip(harness.newStatistics, ["running_mean", "running_var"]) {
        expect(try oracle.compare(values, with: name), harness.engine)
      }
    }
    let outputGradient = ours(try oracle.tensor("dy")).values
    for accumulate in [false, true] {
      harness.backward(outputGradient: outputGradient, accumulate: accumulate)
      let start: Float = accumulate ? 1 : 0
      for (values, name) in zip(harness.inputGradients, inputs) {
        try compare(
          values.map { $0 - start }, oracle, "d\(name)", ours, accumulate, harness.engine)
      }
      for (values, name) in zip(harness.parameterGradients, parameters) {
        let isWeight = name == "w"
        try compare(
          values.map { $0 - start }, oracle, "d\(name)",
          { isWeight ? $0.shape.count > 2 ? $0.convolutionWeights() : $0.linearWeights() : $0 },
          accumulate, harness.engine)
      }
    }
    #expect(!harness.overran, "\(oracle.name) wrote behind its memory")
  }

  /// Compares a gradient; one that was added to 1 has lost digits to the 1.
  private func compare(
    _ values: [Float], _ oracle: OracleCase, _ name: String,
    _ layout: (OracleTensor) -> OracleTensor, _ accumulated: Bool, _ engine: Engine
  ) throws {
    let reference = layout(try oracle.tensor(name))
    let lost = accumulated ? Double(Float.ulpOfOne) / Double(reference.largestMagnitude) : 0
    expect(
      OracleComparison(
        values, reference, tolerance: try oracle.tolerance() + lost,
        name: "\(oracle.name)/\(name)"), engine)
  }

  private func checkLoss(_ harness: OperationHarness, _ oracle: OracleCase) throws {
    harness.forward()
    expect(try oracle.compare([harness.report.loss], with: "loss"), harness.engine)
    harness.backward(outputGradient: [0])
    expect(
      try oracle.compare(harness.inputGradients[0], with: "dlogits", layout: ours), harness.engine)
    #expect(!harness.overran, "\(oracle.name) wrote behind its memory")
  }

  private func checkAddReLU(
    _ add: OperationHarness, _ oracle: OracleCase, _ engine: Engine
  ) throws {
    add.forward()
    let relu = try OperationHarness(
      ReLU(), inputs: [(add.shapes.output, add.output)], batchSize: add.shapes.batchSize,
      engine: engine)
    relu.forward()
    expect(try oracle.compare(relu.output, with: "y", layout: ours), engine)
    relu.backward(outputGradient: ours(try oracle.tensor("dy")).values)
    add.backward(outputGradient: relu.inputGradients[0])
    for (values, name) in zip(add.inputGradients, ["dx0", "dx1"]) {
      expect(try oracle.compare(values, with: name, layout: ours), engine)
    }
  }

  /// Activations of the oracles in our layout.
  private func ours(_ tensor: OracleTensor) -> OracleTensor {
    tensor.shape.count > 2 ? tensor.channelsLast() : tensor
  }
}
