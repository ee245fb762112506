import Execution
import Kernels
import NativeEngine
import Networks
import OracleSupport
import Planning
import Schedules

@testable import Training

/// The training steps of a reference case, compared number by number.
struct OracleTraining {
  private let oracle: OracleCase
  private let dataset: Dataset
  private let trainer: Trainer
  private let tolerances: OracleFields
  /// What disagrees, in sentences.
  private var failures: [String] = []

  init(_ oracle: OracleCase, dataset: Dataset, threadCount: Int) throws {
    self.oracle = oracle
    self.dataset = dataset
    let fields = oracle.fields
    tolerances = try fields.object("tol")
    trainer = try Trainer(
      OracleNetwork.build(oracle), strategy: .full, batchSize: fields.integer("batch"),
      engine: Engine(threadCount: threadCount, instructionSet: .chosen()),
      optimizer: .sgd(
        learningRate: fields.float("lr"), momentum: fields.float("momentum")))
  }

  /// Runs all steps, up to the first that disagrees.
  ///
  /// - Returns: What disagrees, and what of the case was passed over, in sentences.
  mutating func run() throws -> [String] {
    failures = []
    try checkData()
    record(try trainer.store.takeStartingValues(of: oracle))
    let losses = try oracle.tensor("loss").values
    let (first, batchSize) = (try oracle.fields.integer("first_image"), trainer.batch.batchSize)
    expect(try oracle.fields.integer("steps") == losses.count, "number of steps")
    for (step, reference) in losses.enumerated() {
      let start = first + step * batchSize
      trainer.batch.fill(start..<(start + batchSize), of: dataset)
      let loss = step == 0 ? try firstStep() : try trainer.step().report.loss
      expect(
        abs(loss - reference) <= abs(reference) * Float(try tolerances.double("loss")),
        "loss of step \(step)")
      guard failures.isEmpty else { return failures }
    }
    try checkEnd()
    return failures + oracle.unread.map { "\(oracle): nobody reads its \($0)" }
  }

  private func checkData() throws {
    let training = dataset.training
    for (field, sum) in [
      ("images_sha256", sha256(training.pixels.prefix(784_000))),
      ("labels_sha256", sha256(training.labels.prefix(1000))),
    ] where try oracle.fields.string(field) != sum {
      throw OracleError("case '\(oracle)' was computed with other data: \(field) differs")
    }
    let normalization = dataset.normalization
    guard try oracle.fields.double("pixel_mean") == normalization.mean,
      try oracle.fields.double("pixel_std") == normalization.standardDeviation
    else { throw OracleError("case '\(oracle)' was computed with another normalisation") }
  }

  /// The first step, with its scores and gradients; returns the loss.
  private mutating func firstStep() throws -> Float {
    var scores: [Float] = []
    let network = trainer.network
    trainer.willRunBackward = { node, pass in
      guard let loss = network.losses.first, network.nodes[loss.node].inputs == [node] else {
        return
      }
      scores = linearScores(pass)
    }
    let loss = try trainer.step().report.loss
    trainer.willRunBackward = nil
    let comparison = OracleComparison(
      scores, try oracle.tensor("logits0"), tolerance: try tolerances.double("logits0"),
      name: "logits0")
    expect(comparison.agrees, "\(comparison)")
    record(
      try trainer.store.compareGradients(
        of: oracle, prefix: "grad0", tolerance: tolerances.double("grad0_l2")))
    return loss
  }

  private mutating func checkEnd() throws {
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let final = try parameter.ours(oracle.tensor("final/\(parameter.name)")).values
      let start = try parameter.ours(oracle.tensor("init/\(parameter.name)")).values
      let error =
        unsafe distance(Array(trainer.store.value(index)), final) / distance(final, start)
      expect(
        error <= (try tolerances.double("update_l2")), "\(parameter.name) after all steps")
    }
    record(
      try trainer.store.compareRunningStatistics(
        of: oracle, tolerance: tolerances.double("running")))
  }

  private mutating func record(_ disagreements: [String]) {
    for what in disagreements { expect(false, what) }
  }

  private mutating func expect(_ condition: Bool, _ what: String) {
    if !condition { failures.append("\(oracle): \(what)") }
  }
}

/// What a linear layer computed, from what its backward pass reads; in double precision.
private func linearScores(_ pass: BackwardPass) -> [Float] {
  let shapes = pass.shapes
  let (inputs, outputs) = (shapes.inputs[0].elementCount, shapes.output.channels)
  let values = unsafe pass.residual(.input(0)).floats
  let (weights, bias) = unsafe (pass.parameters[0], pass.parameters[1])
  return (0..<shapes.batchSize * outputs).map { index in
    let (sample, output) = (index / outputs, index % outputs)
    return Float(
      (0..<inputs).reduce(unsafe Double(bias[output])) { sum, input in
        unsafe sum + Double(values[sample * inputs + input])
          * Double(weights[input * outputs + output])
      })
  }
}

/// The Euclidean norm, summed in double precision.
func norm(_ values: [Float]) -> Double {
  values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// The norm of the difference of two vectors.
func distance(_ a: [Float], _ b: [Float]) -> Double {
  norm(zip(a, b).map { $0 - $1 })
}
