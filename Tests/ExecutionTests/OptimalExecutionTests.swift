import Execution
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Plans under a budget, run: the budget holds in the ledger, and the bits are those of full storage.
@Suite(.serialized) struct OptimalExecutionTests {
  @Test(arguments: Model.named, [0.0, 0.3, 0.7])
  func budgetsHoldAndBitsAreThoseOfFullStorage(model: Model, share: Double) throws {
    let network = try model.small()
    let batchSize = 3
    let full = try Trainer.forTest(network, .full, batchSize: batchSize)
    let curve = try Strategy.tradeOff(
      for: network, batchSize: batchSize, threadCount: full.trainingStep.threadCount)
    let least = try #require(curve.first?.activationPeakByteCount)
    let most = try #require(curve.last?.activationPeakByteCount)
    let budget = least + Int(share * Double(most - least))
    let optimal = try Trainer.forTest(
      network, Strategy(recomputation: .optimal(budget: .bytes(budget))), batchSize: batchSize)
    for round in 0..<2 {
      full.fillBatch(round: round)
      optimal.fillBatch(round: round)
      _ = try full.step()
      let result = try optimal.step()
      #expect(result.timeline == optimal.forecast.timeline)
      let peak = result.timeline.map(\.stepTotal).max() ?? .max
      #expect(peak <= budget)
      #expect(optimal.state == full.state)
      #expect(optimal.gradientBits == full.gradientBits)
    }
  }
}
