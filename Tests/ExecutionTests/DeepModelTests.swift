import Execution
import Networks
import Planning
import Schedules
import Testing
import Training

/// Narrow variants of deep graphs: forecast = ledger, and exact strategies give the bits of full
/// storage.
@Suite(.serialized) struct DeepModelTests {
  @Test(
    arguments: [
      ("densenet:2/3/2,growth=4", Shape(33, 33, channels: 1)),
      ("googlenet:0.125", Shape(33, 33, channels: 1)),
      ("mobilenet-v2:0.1", Shape(33, 33, channels: 1)),
      ("shufflenet-v2:0.5", Shape(33, 33, channels: 1)),
      ("unet,width=0.03125", Shape(32, 16, channels: 1)),
    ], ["full", "sqrt", "checkpoint:4", "quantize:4", "optimal:1/2"])
  func forecastAndBitsHold(model: (name: String, input: Shape), spelling: String) throws {
    let network = try Model(model.name).network(input: model.input, classes: 10)
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
