import Kernels
import Networks
import OracleSupport
import Testing

/// Pooling, transposed convolution, resampling and moving data against PyTorch in float64 (invariant
/// I7), every case of `operations.safetensors` and every field of it.
@Suite struct MovingOracleTests {
  @Test func poolingAgrees() throws {
    try checkAll(atLeast: 38) { try MovingCase(pooling: $0) }
  }

  @Test func movingAndTransposedConvolutionsAgree() throws {
    try checkAll(atLeast: 13 + 21 + 19) { try MovingCase($0) }
  }

  private func checkAll(
    atLeast count: Int, _ make: (OracleCase) throws -> MovingCase?
  ) throws {
    var seen = 0
    for oracle in try OracleFile("operations").cases {
      guard let moving = try make(oracle) else { continue }
      seen += 1
      let unknown = Set(oracle.fields.names).subtracting(moving.fields)
      #expect(unknown.isEmpty, "\(oracle.name) has fields that nothing honours: \(unknown)")
      for engine in OperationOracleTests.engines {
        for accumulate in [false, true] {
          try check(moving, oracle, engine, accumulate: accumulate)
        }
      }
    }
    #expect(seen >= count)
  }

  /// Runs the operations of a case and compares everything that it has.
  private func check(
    _ moving: MovingCase, _ oracle: OracleCase, _ engine: Engine, accumulate: Bool
  ) throws {
    let inputs = try moving.inputs.map { name in
      let tensor = try oracle.tensor(name)
      return (
        shape: Shape(spatial: Array(tensor.shape.dropFirst(2)), channels: tensor.shape[1]),
        values: tensor.channelsLast().values
      )
    }
    let batchSize = try oracle.shape(moving.inputs[0])[0]
    let parameters = try ["w", "b"].filter(oracle.hasTensor).map { name in
      let tensor = try oracle.tensor(name)
      return name == "w" ? tensor.convolutionWeights().values : tensor.values
    }
    // The gradients of an input that appears several times, or has several readers, add up.
    var gradients: [String: [Float]] = [:]
    for (operation, output) in zip(moving.operations, moving.outputs) {
      let harness = try OperationHarness(
        operation, inputs: inputs, batchSize: batchSize, parameters: parameters, engine: engine)
      let shape = harness.shapes.output
      #expect(
        [batchSize, shape.channels] + shape.spatial == (try oracle.shape(output)),
        "\(oracle.name): the shape")
      if oracle.fields.contains("output_size") {
        #expect(shape.spatial == (try oracle.fields.integers("output_size")))
      }
      harness.forward()
      try compare(harness.output, oracle, output, engine)
      let suffix = output.dropFirst()
      harness.backward(
        outputGradient: try oracle.tensor("dy\(suffix)").channelsLast().values,
        accumulate: accumulate)
      let start: Float = accumulate ? 1 : 0
      for (name, gradient) in zip(moving.inputs, harness.inputGradients) {
        let own = gradient.map { $0 - start }
        gradients[name] = gradients[name].map { zip($0, own).map { $0 + $1 } } ?? own
      }
      for (name, gradient) in zip(["w", "b"], harness.parameterGradients) {
        try compare(
          gradient.map { $0 - start }, oracle, "d\(name)", engine, accumulated: accumulate)
      }
      #expect(!harness.overran, "\(oracle.name) wrote behind its memory")
    }
    for (name, gradient) in gradients {
      try compare(gradient, oracle, "d\(name)", engine, accumulated: accumulate)
    }
  }

  /// Compares a tensor, bit by bit if the case says so; what was added to 1 has lost digits to it.
  private func compare(
    _ values: [Float], _ oracle: OracleCase, _ name: String, _ engine: Engine,
    accumulated: Bool = false
  ) throws {
    let tensor = try oracle.tensor(name)
    let reference = name == "dw" ? tensor.convolutionWeights() : tensor.channelsLast()
    let comment =
      "\(oracle.name)/\(name), \(engine.instructionSet), \(engine.threadCount) threads"
    let exact = try oracle.fields.contains("exact") ? oracle.fields.strings("exact") : []
    if exact.contains(name), !accumulated {
      #expect(
        values.map(\.bitPattern) == reference.values.map(\.bitPattern), "\(comment): exact bits")
    }
    let lost =
      accumulated ? 2 * Double(Float.ulpOfOne) / Double(reference.largestMagnitude) : 0
    let comparison = OracleComparison(
      values, reference, tolerance: try oracle.tolerance() + lost, name: comment)
    #expect(comparison.agrees, "\(comparison)")
  }
}
