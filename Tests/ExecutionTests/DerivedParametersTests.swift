import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Parameters that are computed from stored ones: booked, forecast, derived anew, and their gradients
/// propagated.
@Suite(.serialized) struct DerivedParametersTests {
  private func network(
    shares: Bool = false, standardizes: Bool = true
  ) throws -> Network {
    var graph = try GraphBuilder(name: "derived", input: Shape(9, 9, channels: 2))
    func convolution(
      _ graph: inout GraphBuilder, after node: NodeID, _ name: String
    ) throws(NetworkError) -> NodeID {
      let convolution = Convolution(3, channels: 6, padding: 1)
      let layer: any Layer =
        standardizes ? convolution.deriving("w", by: WeightStandardization()) : convolution
      return try layer.build(in: &graph, after: node, name: name)
    }
    var value = try graph.add(Convolution(1, channels: 6), inputs: [Network.input], name: "stem")
    value = try convolution(&graph, after: value, "first")
    value = try graph.add(ReLU(), inputs: [value])
    value = try graph.group("a") { (graph) throws(NetworkError) in
      try convolution(&graph, after: value, "conv")
    }
    if shares {
      value = try graph.repeating("a", as: "b") { (graph) throws(NetworkError) in
        try graph.add(Convolution(3, channels: 6, padding: 1), inputs: [value], name: "conv")
      }
    }
    value = try graph.add(ReLU(), inputs: [value])
    value = try graph.add(GlobalAveragePooling(), inputs: [value])
    value = try graph.add(Linear(10), inputs: [value], name: "fc")
    try graph.add(SoftmaxCrossEntropy(), inputs: [value])
    return try graph.network()
  }

  /// The bits of full storage under every strategy, forecast = ledger, and nothing left over.
  @Test(arguments: [false, true])
  func strategiesAgree(shares: Bool) throws {
    let network = try network(shares: shares)
    let full = try Trainer.forTest(network, .full, batchSize: 4)
    let expected = try full.computeGradients()
    #expect(expected.timeline == full.forecast.timeline)
    let strategies = exactStrategies + [strategy("optimal:9/10"), strategy("optimal:19/20")]
    for strategy in strategies {
      for threadCount in [1, 4] {
        let trainer = try Trainer.forTest(
          network, strategy, batchSize: 4, threadCount: threadCount)
        try Validator.check(trainer.trainingStep, baseline: trainer.baseline)
        let result = try trainer.computeGradients()
        #expect(result.timeline == trainer.forecast.timeline, "\(strategy)")
        #expect(result.report == expected.report)
        #expect(trainer.gradientBits == full.gradientBits, "\(strategy)")
        #expect(trainer.ledger.current == trainer.baseline.bytes)
      }
    }
  }

  /// Kept from first use to last, they stand beside the stored ones; under a strategy that computes
  /// anew they come and go with each use.
  @Test func theirMemoryIsBookedAsParameters() throws {
    let network = try network()
    let weights = network.parameterTable.derived.map(\.description.byteCount)
    #expect(weights == [3 * 3 * 6 * 6 * 4, 3 * 3 * 6 * 6 * 4])
    func most(_ strategy: Strategy, _ category: MemoryCategory) throws -> Int {
      let trainer = try Trainer.forTest(network, strategy, batchSize: 4)
      let peak = trainer.forecast.timeline.map { $0[category] }.max() ?? 0
      return peak - trainer.baseline.bytes[category]
    }
    #expect(try most(.full, .parameters) == weights.reduce(0, +))
    #expect(try most(Strategy(recomputation: .squareRoot), .parameters) == weights[0])
    #expect(try most(.full, .parameterGradients) == weights[0])
  }

  /// Gradients agree with differences of the loss.
  @Test(arguments: [false, true])
  func gradientsAreThoseOfTheLoss(shares: Bool) throws {
    let trainer = try Trainer.forTest(network(shares: shares), .full, batchSize: 4)
    _ = try trainer.computeGradients()
    let gradients = trainer.store.parameters.indices.map {
      unsafe Array(trainer.store.gradient($0))
    }
    for (index, parameter) in trainer.store.parameters.enumerated()
    where parameter.nodeName.hasSuffix("conv") || parameter.nodeName == "first" {
      let values = unsafe trainer.store.value(index)
      for element in stride(from: 0, to: values.count, by: 37) {
        let start = unsafe values[element]
        let step: Float = 1e-3
        unsafe values[element] = start + step
        let above = try trainer.computeGradients().report.loss
        unsafe values[element] = start - step
        let below = try trainer.computeGradients().report.loss
        unsafe values[element] = start
        let difference = (above - below) / (2 * step)
        // Losses of some units have a rounding of 2e-7 to 5e-7: over the step, 5e-4.
        #expect(
          abs(difference - gradients[index][element]) < 1e-3 + 0.02 * abs(difference),
          "\(parameter.name)[\(element)]: \(difference), \(gradients[index][element])")
      }
    }
  }

  /// A frozen part derives its parameters and propagates nothing.
  @Test func frozenOnesAreDerivedOnly() throws {
    let network = try network().training(only: ["fc"])
    let step = try Step.training(network, strategy: .full, batchSize: 4, threadCount: 1)
    let deeds = step.actions.flatMap(\.deeds)
    let derivations = deeds.filter { if case .derive = $0 { true } else { false } }
    let propagations = deeds.filter { if case .propagate = $0 { true } else { false } }
    #expect(derivations.count == 2)
    #expect(propagations.isEmpty)
  }

  @Test func whatCannotBeDerivedIsNamed() throws {
    let none = #expect(throws: NetworkError.self) {
      try Network("bad", input: Shape(4, 4, channels: 1)) {
        Convolution(3, channels: 2).deriving("gamma", by: WeightStandardization()).named("conv")
      }
    }?.description
    #expect(none == "conv: it has no parameter 'gamma' of its own to be derived")
    let bias = #expect(throws: NetworkError.self) {
      try Network("bad", input: Shape(4, 4, channels: 1)) {
        Convolution(3, channels: 2).deriving("b", by: WeightStandardization()).named("conv")
      }
    }?.description
    #expect(bias == "conv: only the weights of a convolution can be standardised, not 'b'")
  }
}
