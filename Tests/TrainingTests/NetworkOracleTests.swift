import Execution
import Kernels
import Networks
import OracleSupport
import Planning
import Schedules
import Testing

@testable import Training

/// Five training steps on real images against PyTorch in float64 (invariant I7).
@Suite struct NetworkOracleTests {
  /// Builds the network of a case; nil if there is no such network yet.
  static func network(_ oracle: OracleCase) throws -> Network? {
    let input = Shape(28, 28, channels: 1)
    switch try oracle.fields.string("network") {
    case "lenet": return try .lenet(input: input, classes: 10)
    case "resnet8":
      let widths = try oracle.fields.integers("widths")
      guard widths == [widths[0], 2 * widths[0], 4 * widths[0]] else { return nil }
      return try .resnet8(input: input, classes: 10, width: widths[0])
    default: return nil
    }
  }

  static let cases = Result {
    try OracleFile("networks").cases { try network($0) != nil }
  }

  @Test(arguments: [1, 2]) func stepsAgreeWithPyTorch(threadCount: Int) throws {
    let cases = try Self.cases.get()
    #expect(!cases.isEmpty)
    let dataset = try FashionMNIST.load()
    for oracle in cases {
      try check(oracle, dataset: dataset, threadCount: threadCount)
    }
  }

  private func check(_ oracle: OracleCase, dataset: Dataset, threadCount: Int) throws {
    let network = try #require(try Self.network(oracle))
    let fields = oracle.fields
    let batchSize = try fields.integer("batch")
    let trainer = try Trainer(
      network, strategy: .full, batchSize: batchSize,
      engine: Engine(threadCount: threadCount, instructionSet: .chosen()),
      optimizer: .sgd(
        learningRate: fields.float("lr"), momentum: fields.float("momentum")))
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let values = try parameter.ours(oracle.tensor("init/\(parameter.name)")).values
      _ = unsafe trainer.store.value(index).update(from: values)
    }
    #expect(try fields.strings("parameters") == trainer.store.parameters.map(\.name))

    let tolerances = try fields.object("tol")
    let losses = try oracle.tensor("loss").values
    let first = try fields.integer("first_image")
    for step in 0..<(try fields.integer("steps")) {
      let start = first + step * batchSize
      trainer.batch.fill(start..<(start + batchSize), of: dataset)
      let loss = try trainer.step().report.loss
      #expect(
        abs(loss - losses[step]) <= abs(losses[step]) * Float(try tolerances.double("loss")),
        "\(oracle.name): loss of step \(step)")
      if step == 0 {
        for (index, parameter) in trainer.store.parameters.enumerated() {
          let gradient = unsafe Array(trainer.store.gradient(index))
          let reference = try parameter.ours(oracle.tensor("grad0/\(parameter.name)")).values
          let error = distance(gradient, reference) / norm(reference)
          #expect(
            error <= (try tolerances.double("grad0_l2")),
            "\(oracle.name): gradient of \(parameter.name)")
        }
      }
    }
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let final = try parameter.ours(oracle.tensor("final/\(parameter.name)")).values
      let start = try parameter.ours(oracle.tensor("init/\(parameter.name)")).values
      let error =
        unsafe distance(Array(trainer.store.value(index)), final)
        / distance(final, start)
      #expect(
        error <= (try tolerances.double("update_l2")),
        "\(oracle.name): \(parameter.name) after all steps")
    }
    for (index, statistic) in trainer.store.runningStatistics.enumerated() {
      let comparison = unsafe OracleComparison(
        Array(trainer.store.statistic(index)),
        try oracle.tensor("final/\(statistic.name)"),
        tolerance: try tolerances.double("running"), name: statistic.name)
      #expect(comparison.agrees, "\(comparison)")
    }
  }
}

extension NodeParameter {
  /// A tensor in PyTorch's layout as one in ours.
  func ours(_ tensor: OracleTensor) -> OracleTensor {
    switch description.layout {
    case .vector: tensor
    case .convolution: tensor.convolutionWeights()
    case .linear: tensor.linearWeights()
    }
  }
}

private func norm(_ values: [Float]) -> Double {
  values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

private func distance(_ a: [Float], _ b: [Float]) -> Double {
  norm(zip(a, b).map { $0 - $1 })
}
