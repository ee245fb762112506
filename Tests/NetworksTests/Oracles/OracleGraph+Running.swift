import Kernels
import Networks
import OracleSupport

/// Runs the operations of a case and compares everything that the case holds of them.
struct OracleGraphRun {
  let oracle: OracleCase
  let graph: OracleGraph
  let engine: Engine
  /// The names of tensors that must be given bit by bit.
  private let exact: [String]
  /// What disagrees, in sentences.
  private var failures: [String] = []

  init(_ oracle: OracleCase, _ graph: OracleGraph, engine: Engine) throws {
    self.oracle = oracle
    self.graph = graph
    self.engine = engine
    exact = oracle.fields.contains("exact") ? try oracle.fields.strings("exact") : []
  }

  /// Runs all operations forward and backward; a single one also adding to gradients that are there.
  ///
  /// - Returns: What disagrees, in sentences.
  mutating func run() throws -> [String] {
    failures = []
    let harnesses = try forward()
    try backward(harnesses)
    if harnesses.count == 1 { try accumulate(harnesses[0]) }
    if harnesses.contains(where: \.overran) {
      failures.append("\(context): \(oracle.name) wrote beside its memory")
    }
    return failures
  }

  private mutating func forward() throws -> [OperationHarness] {
    var harnesses: [OperationHarness] = []
    for node in graph.nodes {
      let inputs = try node.inputs.map { name in
        if let index = graph.nodes.firstIndex(where: { $0.name == name }) {
          return (harnesses[index].shapes.output, harnesses[index].output)
        }
        let tensor = try oracle.tensor(name)
        return (
          Shape(spatial: Array(tensor.shape.dropFirst(2)), channels: tensor.shape[1]),
          tensor.channelsLast().values
        )
      }
      let batchSize = try oracle.shape(
        node.inputs.first(where: oracle.hasTensor) ?? graph.nodes[0].inputs[0])[0]
      let descriptions = node.operation.parameters(for: inputs.map(\.0))
      try require(descriptions.count == node.parameters.count, "parameters of \(node.name)")
      for (description, name) in zip(descriptions, node.parameters) {
        let shape = description.ours(try oracle.tensor(name)).shape
        try require(shape.reduce(1, *) == description.elementCount, "elements of \(name)")
      }
      let harness = try OperationHarness(
        node.operation, inputs: inputs, batchSize: batchSize,
        parameters: zip(descriptions, node.parameters).map { description, name in
          description.ours(try oracle.tensor(name)).values
        }, engine: engine)
      harness.statistics = try node.statistics.map { try oracle.tensor($0).values }
      if node.operation.isLoss, oracle.hasTensor("labels") {
        harness.labels = try oracle.labels("labels")
      }
      if node.operation.isLoss, oracle.hasTensor("target") {
        harness.targets = ours(try oracle.tensor("target")).values
      }
      if node.operation.isLoss { try requireTargets(of: harness) }
      harness.forward()
      harnesses.append(harness)
      if node.operation.isLoss {
        try expect([harness.report.loss], "loss")
      } else if oracle.hasTensor(node.name) {
        try expect(harness.output, node.name, ours)
      }
      for (values, name) in zip(harness.newStatistics, node.statistics) {
        let new = String(name.dropLast("_in".count))
        if oracle.hasTensor(new) { try expect(values, new) }
      }
    }
    return harnesses
  }

  private mutating func backward(_ harnesses: [OperationHarness]) throws {
    var gradients: [String: [Float]] = [:]
    for (node, harness) in zip(graph.nodes, harnesses).reversed() {
      var upstream = gradients[node.name]
      if oracle.hasTensor("d\(node.name)") {
        let given = ours(try oracle.tensor("d\(node.name)")).values
        upstream = upstream.map { zip($0, given).map(+) } ?? given
      }
      try require(
        node.operation.isLoss || upstream?.count == harness.shapes.outputElementCount,
        "elements of d\(node.name)")
      harness.backward(outputGradient: upstream ?? [0])
      for (values, name) in zip(harness.inputGradients, node.inputs) {
        gradients[name] = gradients[name].map { zip($0, values).map(+) } ?? values
      }
      for ((values, name), description) in zip(
        zip(harness.parameterGradients, node.parameters), descriptions(harness))
      {
        try expect(values, "d\(name)", description.ours)
      }
    }
    for (name, values) in gradients.sorted(by: { $0.key < $1.key })
    where !graph.nodes.contains(where: { $0.name == name }) && oracle.hasTensor("d\(name)") {
      try expect(values, "d\(name)", ours)
    }
  }

  /// Compares gradients that were added to 1, and have lost digits to it.
  private mutating func accumulate(_ harness: OperationHarness) throws {
    let node = graph.nodes[0]
    // The gradient of a loss takes over the memory of what it read.
    guard !node.operation.isLoss else { return }
    harness.backward(
      outputGradient: ours(try oracle.tensor("d\(node.name)")).values, accumulate: true)
    var gradients: [String: [Float]] = [:]
    for (values, name) in zip(harness.inputGradients, node.inputs) {
      let added = values.map { $0 - 1 }
      gradients[name] = gradients[name].map { zip($0, added).map(+) } ?? added
    }
    func compare(
      _ values: [Float], _ name: String, _ layout: (OracleTensor) -> OracleTensor
    ) throws {
      let reference = layout(try oracle.tensor(name))
      let lost = 2 * Double(Float.ulpOfOne) / max(1e-30, Double(reference.largestMagnitude))
      let comparison = OracleComparison(
        values, reference, tolerance: try oracle.tolerance() + lost,
        name: "\(oracle.name)/\(name), accumulated")
      if !comparison.agrees { failures.append("\(context): \(comparison)") }
    }
    for (name, values) in gradients { try compare(values, "d\(name)", ours) }
    for ((values, name), description) in zip(
      zip(harness.parameterGradients, node.parameters), descriptions(harness))
    {
      try compare(values.map { $0 - 1 }, "d\(name)", description.ours)
    }
  }

  private func descriptions(_ harness: OperationHarness) -> [ParameterDescription] {
    harness.operation.parameters(for: harness.shapes.inputs)
  }

  private var context: String { "\(engine.instructionSet), \(engine.threadCount) threads" }

  private mutating func expect(
    _ values: [Float], _ name: String, _ layout: (OracleTensor) -> OracleTensor = { $0 }
  ) throws {
    let comparison =
      exact.contains(name)
      ? OracleComparison(
        values, layout(try oracle.tensor(name)), tolerance: 0, name: "\(oracle.name)/\(name)")
      : try oracle.compare(values, with: name, layout: layout)
    if !comparison.agrees { failures.append("\(context): \(comparison)") }
  }

  /// Requires what a loss compares with: as many classes or numbers as it reads.
  private func requireTargets(of harness: OperationHarness) throws {
    let shapes = harness.shapes
    switch harness.operation.lossTargets(for: shapes.inputs) {
    case .none: break
    case .classes(let classCount, let labelCount, let ignored):
      try require(harness.labels.count == shapes.batchSize * labelCount, "labels")
      try require(
        harness.labels.allSatisfy { 0..<classCount ~= Int($0) || $0 == ignored }, "classes")
    case .values(let count):
      try require(harness.targets.count == shapes.batchSize * count, "targets")
    }
  }

  /// Requires what would otherwise be read or written beyond its end.
  private func require(_ condition: Bool, _ what: String) throws {
    guard condition else {
      throw OracleError("case '\(oracle.name)' has another number of \(what)")
    }
  }
}

/// Activations of the reference in our layout.
private func ours(_ tensor: OracleTensor) -> OracleTensor { tensor.channelsLast() }

extension ParameterDescription {
  /// A tensor in PyTorch's layout as one in ours.
  func ours(_ tensor: OracleTensor) -> OracleTensor {
    switch layout {
    case .vector: tensor
    case .convolution, .transposedConvolution: tensor.convolutionWeights()
    case .linear: tensor.linearWeights()
    }
  }
}
