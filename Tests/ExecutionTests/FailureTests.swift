import Execution
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Invariant I6: a step that throws leaves everything as before, and the ledger balanced.
@Suite(.serialized) struct FailureTests {
  private static let strategies: [Strategy] =
    [
      .full, Strategy(recomputation: .segments(3), approximation: .trace(trace(4))),
    ] + sketching

  /// These sketch values of both networks.
  private static let sketching = [strategy("trace:4"), strategy("trace:8KiB")]

  private static let cases =
    [Model.lenet, .resnet8].flatMap { model in strategies.map { (model, $0) } }
    + [(.lenet, strategy("microbatch:2+trace:4"))]

  private func expectNothingLost(
    _ trainer: Trainer, _ body: () throws -> Void
  ) rethrows {
    let state = trainer.state
    let bytes = trainer.ledger.current
    try body()
    #expect(trainer.state == state)
    #expect(trainer.ledger.current == bytes)
  }

  /// What an undisturbed trainer holds after two steps: velocities included, since they make the
  /// second one.
  private func undisturbed(_ network: Network, _ strategy: Strategy) throws -> [[UInt32]] {
    let trainer = try Trainer.forTest(network, strategy, batchSize: 2)
    _ = try trainer.step()
    _ = try trainer.step()
    return trainer.state
  }

  @Test(arguments: cases)
  func everyFailedAllocationIsHarmless(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    let trainer = try Trainer.forTest(network, strategy, batchSize: 2)
    let residuals = trainer.trainingStep.firstSchedule.representations.joined()
    #expect(residuals.contains { $0.kind == .sketch } || !Self.sketching.contains(strategy))
    _ = try trainer.step()
    var count = 0
    while true {
      count += 1
      trainer.ledger.failAllocation(after: count)
      var failed = false
      try expectNothingLost(trainer) {
        do {
          _ = try trainer.computeGradients()
        } catch StepError.budget {
          failed = true
        }
      }
      if !failed { break }
    }
    trainer.ledger.failAllocation(after: 0)
    #expect(count > trainer.trainingStep.actions.count / 4)
    _ = try trainer.step()
    #expect(try trainer.state == undisturbed(network, strategy))
  }

  @Test(arguments: cases)
  func everyInterruptIsHarmless(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    let trainer = try Trainer.forTest(network, strategy, batchSize: 2)
    _ = try trainer.step()
    for index in 0..<trainer.trainingStep.actions.count {
      var asked = 0
      try expectNothingLost(trainer) {
        do {
          _ = try trainer.step {
            asked += 1
            return asked > index
          }
          Issue.record("the step was not interrupted at action \(index)")
        } catch StepError.interrupted {}
      }
    }
    _ = try trainer.step()
    #expect(try trainer.state == undisturbed(network, strategy))
  }

  @Test func nonFiniteLossIsHarmless() throws {
    let network = try Model.resnet8.small()
    let trainer = try Trainer.forTest(network, .full, batchSize: 2)
    unsafe trainer.batch.samples[0] = .infinity
    try expectNothingLost(trainer) {
      do {
        _ = try trainer.step()
        Issue.record("an infinite pixel gave a finite loss")
      } catch StepError.nonFiniteLoss {}
    }
  }

  @Test func limitsHoldAndAreNotExceededByAByte() throws {
    let network = try Model.lenet.small()
    let peak = try Trainer.forTest(network, .full, batchSize: 4).forecast.peakByteCount
    let enough = try Trainer.forTest(
      network, .full, batchSize: 4, limits: MemoryLimits(total: peak))
    _ = try enough.step()
    let tight = try Trainer.forTest(
      network, .full, batchSize: 4, limits: MemoryLimits(total: peak - 1))
    try expectNothingLost(tight) {
      do {
        _ = try tight.step()
        Issue.record("a limit one byte below the peak was not enforced")
      } catch StepError.budget(let error) {
        #expect(error.cause == .totalLimit(peak - 1))
      }
    }
  }
}
