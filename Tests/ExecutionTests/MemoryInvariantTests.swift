import Execution
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Invariants I1 and I2: forecast = ledger = allocator, for every model and strategy.
@Suite(.serialized) struct MemoryInvariantTests {
  @Test(arguments: Model.named, allStrategies)
  func forecastIsTheLedgersTimeline(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    for batchSize in ([.resnet18, .resnet50] + Model.deep).contains(model) ? [1, 2] : [1, 3, 8] {
      let trainer = try Trainer.forTest(network, strategy, batchSize: batchSize)
      let baseline = trainer.baseline
      #expect(trainer.ledger.current == baseline.bytes)
      let forecast = trainer.forecast
      for _ in 0..<2 {
        let scope = trainer.ledger.beginScope()
        // Without the update: gradients from one bit an element make deep networks diverge at once.
        let result = try trainer.computeGradients()
        let measured = scope.end()
        #expect(result.timeline == forecast.timeline)
        // Nothing is taken between the points that the timeline shows.
        #expect(measured.globalPeak == forecast.peakByteCount)
        #expect(
          result.savedByteCount == trainer.trainingStep.savedByteCount)
        #expect(trainer.ledger.current == baseline.bytes)
      }
      #expect(forecast.timeline.count == trainer.trainingStep.actions.count)
    }
  }

  @Test(.enabled(if: Jemalloc.isActive), arguments: Model.named, allStrategies)
  func ledgerIsTheAllocator(model: Model, strategy: Strategy) throws {
    let trainer = try Trainer.forTest(model.small(), strategy, batchSize: 2)
    _ = try trainer.step()
    let comparison = try #require(trainer.ledger.compareWithAllocator())
    #expect(comparison.agrees)
    #expect(comparison.ledger.total > 0)
  }

  @Test func forecastNeedsNoTensor() throws {
    let network = try Model.resnet18.network(input: Shape(28, 28, channels: 1), classes: 10)
    let step = try Step.training(
      network, strategy: .full, batchSize: 4096, threadCount: 2)
    let forecast = Forecast(
      step,
      baseline: BaselineMemory(network: network, batchSize: 4096, optimizerStateCount: 1))
    #expect(forecast.peakByteCount > 14 << 30)
  }
}
