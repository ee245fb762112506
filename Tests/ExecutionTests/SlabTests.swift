import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

/// Steps in one slab: the same bits, the same account, no overlap.
@Suite(.serialized) struct SlabTests {
  private func trainer(
    _ network: Network, _ strategy: Strategy, _ arrangement: MemoryArrangement, batchSize: Int
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, strategy: strategy, batchSize: batchSize,
      engine: Engine(threadCount: 2, instructionSet: .chosen()), arrangement: arrangement, seed: 7)
    trainer.fillBatch(round: 0)
    return trainer
  }

  /// Kept, computed anew, sketched and rounded.
  private static let strategies: [Strategy] = [
    .full, exactStrategies[1], approximateStrategies[2], quantizingStrategies[0],
  ]

  @Test(arguments: [Model.lenet, .vgg8, .resnet8, .resnet50], strategies)
  func aSlabChangesNoBitAndNoAccount(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    let blocks = try trainer(network, strategy, .blocks, batchSize: 3)
    let slab = try trainer(network, strategy, .slab, batchSize: 3)
    let placement = try #require(slab.placement)
    #expect(blocks.placement == nil)
    let before = slab.ledger.current
    for _ in 0..<2 {
      let expected = try blocks.computeGradients()
      let scope = slab.ledger.beginScope()
      let result = try slab.computeGradients()
      #expect(result.timeline == expected.timeline)
      #expect(result.timeline == slab.forecast.timeline)
      #expect(scope.end().globalPeak == slab.forecast.peakByteCount)
      #expect(slab.gradientBits == blocks.gradientBits)
      #expect(slab.ledger.current == before)
    }
    #expect(placement.byteCount >= placement.lowerBound)
    #expect(placement.lowerBound >= slab.forecast.activationPeakByteCount - 64)
  }

  /// Parts of a batch lie in the same places one after the other.
  @Test func partsShareASlab() throws {
    let network = try Model.vgg8.small()
    let strategy = Strategy(recomputation: .squareRoot, partCount: 3)
    let blocks = try trainer(network, strategy, .blocks, batchSize: 6)
    let slab = try trainer(network, strategy, .slab, batchSize: 6)
    let expected = try blocks.computeGradients()
    #expect(try slab.computeGradients().timeline == expected.timeline)
    #expect(slab.gradientBits == blocks.gradientBits)
  }

  /// The allocator sees one region, as large as planned, and nothing of the step's blocks.
  @Test(.enabled(if: Jemalloc.isActive))
  func theAllocatorSeesOneRegion() throws {
    let slab = try trainer(Model.resnet8.small(), .full, .slab, batchSize: 4)
    let placement = try #require(slab.placement)
    let standing = slab.ledger.usage.usableBytes.current
    _ = try slab.step()
    let taken = slab.ledger.usage.usableBytes.current - standing
    #expect(taken == MemoryBlock.usableByteCount(forRequested: placement.byteCount))
    #expect(slab.ledger.usage.usableBytes.peak == standing + taken)
    let comparison = try #require(slab.ledger.compareWithAllocator())
    #expect(comparison.agrees)
  }

  @Test func failuresAndLimitsAreAsWithBlocks() throws {
    let network = try Model.lenet.small()
    let slab = try trainer(network, .full, .slab, batchSize: 2)
    _ = try slab.step()
    let (state, bytes) = (slab.state, slab.ledger.current)
    for count in [1, 5, 20] {
      slab.ledger.failAllocation(after: count)
      #expect(throws: StepError.self) { try slab.computeGradients() }
      #expect(slab.state == state && slab.ledger.current == bytes)
    }
    slab.ledger.failAllocation(after: 0)
    _ = try slab.step()
  }
}
