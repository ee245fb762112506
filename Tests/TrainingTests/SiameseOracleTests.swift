import Execution
import Kernels
import NativeEngine
import Networks
import OracleSupport
import Planning
import Schedules
import Testing
import Training

/// One convolutional body used twice, against PyTorch in float64 (invariant I7): what shares a
/// parameter adds up its gradient, and running statistics take in both batches in turn.
@Suite struct SiameseOracleTests {
  @Test(arguments: ["full", "sqrt", "checkpoint:3", "spill:64KiB"])
  func gradientsAgreeWithPyTorch(strategy: String) throws {
    let cases = try OracleFile("siamese").cases()
    #expect(!cases.isEmpty)
    for oracle in cases {
      for failure in try failures(of: oracle, under: strategy) { Issue.record("\(failure)") }
    }
  }

  /// A case whose field is not what its numbers were computed with has to fail.
  @Test func everyFieldIsHonoured() throws {
    for oracle in try OracleFile("siamese").cases() {
      var seen: Set<String> = []
      for (field, altered) in oracle.alterations() where seen.insert(field).inserted {
        #expect((try? failures(of: altered, under: "full"))?.isEmpty != true, "\(altered)")
      }
    }
  }

  /// Runs one step of a case.
  ///
  /// - Returns: What disagrees, and what of the case was passed over, in sentences.
  private func failures(of oracle: OracleCase, under strategy: String) throws -> [String] {
    var failures: [String] = []
    func expect(_ condition: Bool, _ what: String) {
      if !condition { failures.append("\(oracle) under \(strategy): \(what)") }
    }
    let trainer = try Trainer(
      OracleNetwork.build(oracle), strategy: Strategy(parsing: strategy),
      batchSize: oracle.fields.integer("batch"),
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
    for failure in try trainer.store.takeStartingValues(of: oracle) { expect(false, failure) }
    let images = try oracle.tensor("x").channelsLast()
    let labels = try oracle.labels("labels")
    guard unsafe images.values.count == trainer.batch.samples.count,
      images.shape.dropFirst() == trainer.network.inputShape.spatial + [2],
      unsafe labels.count == trainer.batch.labels.count
    else { throw OracleError("case '\(oracle)' has other images or labels") }
    _ = unsafe trainer.batch.samples.update(from: images.values)
    _ = unsafe trainer.batch.labels.update(from: labels)

    let tolerances = try oracle.fields.object("tol")
    let result = try trainer.step()
    let loss = try oracle.tensor("loss").values[0]
    expect(
      abs(result.report.loss - loss) <= abs(loss) * Float(try tolerances.double("loss")),
      "the loss is \(result.report.loss) instead of \(loss)")
    let disagreements =
      try trainer.store.compareGradients(
        of: oracle, prefix: "grad", tolerance: tolerances.double("grad_l2"))
      + trainer.store.compareRunningStatistics(
        of: oracle, tolerance: tolerances.double("running"))
    for failure in disagreements { expect(false, failure) }
    return failures + oracle.unread.map { "\(oracle): nobody reads its \($0)" }
  }
}
