import Execution
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// The invariants over networks that nobody would think of, under every strategy.
@Suite(.serialized) struct RandomNetworkTests {
  private static let strategies =
    allStrategies
    + [
      "optimal:1/2", "optimal:3/4", "microbatch:2", "microbatch:2+sqrt", "mixed:3", "invert",
      "optimal:3/4+quantize:4",
    ].map(strategy)

  @Test(arguments: 0..<24 as Range<UInt64>) func networksOfASeed(seed: UInt64) throws {
    let network = try RandomNetworks.network(seed: seed)
    try check(network, Self.strategies)
  }

  /// Parts of a batch, with convolutions whose weights are standardised.
  @Test func partsOfABatchAndDerivedWeights() throws {
    try check(
      RandomNetworks.network(seed: 9), ["microbatch:2", "microbatch:2+sqrt"].map(strategy))
  }

  @Test(arguments: DangerousNetwork.allCases)
  func networksThatOnceFailedOrMight(network: DangerousNetwork) throws {
    try check(network.network(), Self.strategies)
  }

  @Test func aChainOfTwoThousandNodes() throws {
    try check(
      DangerousNetwork.longChain(),
      ["full", "sqrt", "checkpoint:7", "revolve:40", "quantize:8", "spill:64KiB", "microbatch:2"]
        .map(strategy))
  }

  private func check(_ network: Network, _ strategies: [Strategy]) throws {
    let full = try Trainer.forTest(network, .full, batchSize: 4, threadCount: 1)
    _ = try full.computeGradients()
    let exact = full.gradientBits
    for strategy in strategies {
      let trainer: Trainer
      do {
        trainer = try Trainer.forTest(network, strategy, batchSize: 4)
      } catch is ScheduleError {
        // Only what may be refused: nothing fits the budget, nothing can be recovered or divided.
        #expect(Self.mayBeRefused(strategy), "\(strategy): \(description(of: network))")
        continue
      }
      let context = "\(strategy): \(description(of: network))"
      try Validator.check(trainer.trainingStep, baseline: trainer.baseline)
      let forecast = trainer.forecast
      let result = try trainer.computeGradients()
      #expect(result.timeline == forecast.timeline, "\(context)")
      #expect(trainer.ledger.current == trainer.baseline.bytes, "\(context)")
      if case .optimal(let budget) = strategy.recomputation {
        guard case .share(let part, let whole) = budget else { continue }
        let peak = try Trainer.forTest(network, .full, batchSize: 4).forecast
          .activationPeakByteCount
        #expect(
          forecast.activationPeakByteCount * whole <= peak * part, "\(context)")
      }
      switch strategy.exactness {
      case .exact:
        // One thread against two.
        let isSame = trainer.gradientBits == exact
        #expect(isSame, "\(context)")
      case .rounding: #expect(distance(trainer, full) < 1e-3, "\(context)")
      case .estimated: #expect(distance(trainer, full).isFinite, "\(context)")
      }
    }
  }

  private static func mayBeRefused(_ strategy: Strategy) -> Bool {
    if case .optimal = strategy.recomputation { return true }
    return strategy.inverts || strategy.partCount > 1
  }

  /// The norm of the difference of all gradients over the norm of the exact ones.
  private func distance(_ trainer: Trainer, _ full: Trainer) -> Double {
    var (difference, norm) = (0.0, 0.0)
    for index in full.store.parameters.indices {
      let gradients = unsafe zip(
        Array(trainer.store.gradient(index)), Array(full.store.gradient(index)))
      for (value, exact) in gradients {
        difference += (Double(value) - Double(exact)) * (Double(value) - Double(exact))
        norm += Double(exact) * Double(exact)
      }
    }
    return (difference / norm).squareRoot()
  }

  /// The network, so that a failure can be built again: each node with what it reads.
  private func description(of network: Network) -> String {
    let nodes = network.nodes.prefix(60).map { node in
      "\(node.id) \(node.operation.kind)\(node.inputs) \(node.outputShape)"
    }
    return "\(network.name): " + nodes.joined(separator: ", ")
  }
}
