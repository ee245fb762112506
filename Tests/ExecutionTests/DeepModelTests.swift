import Execution
import Networks
import Planning
import Schedules
import Testing
import Training

/// Deep graphs of many nodes: forecast = ledger, and exact strategies give the bits of full storage.
@Suite(.serialized) struct DeepModelTests {
  @Test(arguments: Model.deep, ["full", "sqrt", "checkpoint:4", "quantize:4", "optimal:1/2"])
  func forecastAndBitsHold(model: Model, spelling: String) throws {
    let network = try model.small()
    let strategy = strategy(spelling)
    let full = try Trainer.forTest(network, .full, batchSize: 3, threadCount: 1)
    let trainer = try Trainer.forTest(network, strategy, batchSize: 3)
    for round in 0..<2 {
      full.fillBatch(round: round)
      trainer.fillBatch(round: round)
      _ = try full.step()
      let result = try trainer.step()
      #expect(result.timeline == trainer.forecast.timeline)
      guard spelling != "quantize:4" else { continue }
      #expect(trainer.state == full.state)
      #expect(trainer.gradientBits == full.gradientBits)
    }
  }
}
