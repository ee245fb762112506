import Kernels
import Networks
import OracleSupport
import Testing

/// The losses of `operations.safetensors` against PyTorch in float64.
@Suite struct LossOracleTests {
  private static let kinds = [
    "cross_entropy", "bce_logits", "mse", "l1", "smooth_l1", "huber", "distillation", "hint",
  ]

  @Test func lossesAgree() throws {
    let cases = try OracleFile("operations").cases.filter {
      try Self.kinds.contains($0.fields.string("op"))
    }
    #expect(cases.count >= 21)
    for oracle in cases {
      for engine in OperationOracleTests.engines {
        if try oracle.fields.string("op") == "hint" {
          try checkHint(oracle, engine)
        } else {
          try checkLoss(oracle, engine)
        }
      }
    }
  }

  private func operation(_ oracle: OracleCase) throws -> any NetworkOperation {
    let fields = oracle.fields
    func reduction() throws -> LossReduction {
      switch try fields.string("reduction") {
      case "mean": return .mean
      case "sum": return .sum
      case let other: throw Unknown(description: "\(oracle.name) has the reduction \(other)")
      }
    }
    switch try fields.string("op") {
    case "cross_entropy":
      return SoftmaxCrossEntropy(
        labelSmoothing: try fields.float("label_smoothing"),
        classWeights: try fields.bool("class_weights") ? oracle.tensor("class_weight").values : nil,
        ignoredLabel: try? fields.integer("ignore_index"), reduction: try reduction())
    case "bce_logits":
      return ValueLoss.binaryCrossEntropy(
        positiveWeights: try fields.bool("pos_weight") ? oracle.tensor("pos_weight").values : nil,
        reduction: try reduction())
    case "mse": return ValueLoss.squares(reduction: try reduction())
    case "l1": return ValueLoss.magnitudes(reduction: try reduction())
    case "smooth_l1":
      return ValueLoss.smoothMagnitudes(
        beta: try fields.float("beta"), reduction: try reduction())
    case "huber":
      return ValueLoss.huber(delta: try fields.float("delta"), reduction: try reduction())
    case "distillation":
      return Distillation(
        temperature: try fields.float("temperature"),
        teacherWeight: try fields.float("kd_weight"), labelWeight: try fields.float("ce_weight"))
    case let other: throw Unknown(description: "nothing runs \(other)")
    }
  }

  private struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  private func input(_ oracle: OracleCase, _ name: String) throws -> (Shape, [Float]) {
    let tensor = try oracle.tensor(name)
    return (
      Shape(spatial: Array(tensor.shape.dropFirst(2)), channels: tensor.shape[1]),
      tensor.channelsLast().values
    )
  }

  private func checkLoss(_ oracle: OracleCase, _ engine: Engine) throws {
    let name = oracle.hasTensor("logits") ? "logits" : "prediction"
    let names = [name] + (oracle.hasTensor("teacher") ? ["teacher"] : [])
    let harness = try OperationHarness(
      operation(oracle), inputs: names.map { try input(oracle, $0) },
      batchSize: try oracle.shape(name)[0], engine: engine)
    if oracle.hasTensor("labels") { harness.labels = try oracle.labels("labels") }
    if oracle.hasTensor("target") { harness.targets = try input(oracle, "target").1 }
    harness.forward()
    harness.backward(outputGradient: [0])
    try expect(oracle.compare([harness.report.loss], with: "loss"), engine)
    try expect(
      oracle.compare(harness.inputGradients[0], with: "d\(name)") { $0.channelsLast() }, engine)
    #expect(!harness.overran, "\(oracle.name) wrote behind its memory")
  }

  /// A convolution over one pixel, whose output follows the teacher.
  private func checkHint(_ oracle: OracleCase, _ engine: Engine) throws {
    let hasBias = try oracle.fields.bool("bias")
    let batchSize = try oracle.shape("x")[0]
    let convolution = try OperationHarness(
      Convolution(1, channels: oracle.fields.integer("K"), bias: hasBias),
      inputs: [input(oracle, "x")], batchSize: batchSize,
      parameters: [oracle.tensor("w").convolutionWeights().values]
        + (hasBias ? [oracle.tensor("b").values] : []), engine: engine)
    convolution.forward()
    let loss = try OperationHarness(
      ValueLoss.squares(),
      inputs: [
        (convolution.shapes.output, convolution.output), input(oracle, "teacher"),
      ], batchSize: batchSize, engine: engine)
    loss.forward()
    try expect(oracle.compare([loss.report.loss], with: "loss"), engine)
    loss.backward(outputGradient: [0])
    convolution.backward(outputGradient: loss.inputGradients[0])
    try expect(
      oracle.compare(convolution.inputGradients[0], with: "dx") { $0.channelsLast() }, engine)
    try expect(
      oracle.compare(convolution.parameterGradients[0], with: "dw") { $0.convolutionWeights() },
      engine)
    if hasBias {
      try expect(oracle.compare(convolution.parameterGradients[1], with: "db"), engine)
    }
  }

  private func expect(_ comparison: OracleComparison, _ engine: Engine) {
    #expect(
      comparison.agrees,
      "\(engine.instructionSet), \(engine.threadCount) threads: \(comparison)")
  }
}
