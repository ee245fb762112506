import Execution
import Kernels
import Networks
import Planning
import Schedules
import Testing
import Training

/// Two nodes that name one parameter: it is stored once, and its gradients are summed.
@Suite(.serialized) struct SharedParametersTests {
  /// A body on both halves of what a first layer makes, whose results are joined.
  private func siamese(shares: Bool) throws -> Network {
    func body() -> [any Layer] {
      [
        Convolution(3, channels: 6, padding: 1).named("conv1"),
        BatchNormalization().named("bn1"), ReLU(),
        Convolution(3, channels: 4, stride: 2).named("conv2"), ReLU(),
      ]
    }
    var graph = try GraphBuilder(name: "siamese", input: Shape(9, 9, channels: 1))
    let left = try graph.add(Convolution(3, channels: 4), inputs: [Network.input], name: "left")
    let right = try graph.add(Convolution(3, channels: 4), inputs: [Network.input], name: "right")
    let first = try Sequential(body()).build(in: &graph, after: left, name: "body")
    let second =
      try shares
      ? Repeated("body", as: "again") { body() }.build(in: &graph, after: right, name: nil)
      : Sequential(body()).build(in: &graph, after: right, name: "again")
    let joined = try graph.add(Concatenation(), inputs: [first, second])
    let means = try graph.add(GlobalAveragePooling(), inputs: [joined])
    let scores = try graph.add(Linear(10), inputs: [means], name: "fc")
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    return try graph.network()
  }

  private func index(_ name: String, in network: Network) throws -> Int {
    try #require(network.parameters.firstIndex { $0.name == name })
  }

  @Test func parametersAreCountedOnceActivationsTwice() throws {
    let shared = try siamese(shares: true)
    let apart = try siamese(shares: false)
    let body = apart.parameters.filter { $0.nodeName.hasPrefix("again.") }
    let count = body.reduce(0) { $0 + $1.description.elementCount }
    #expect(apart.parameterCount - shared.parameterCount == count)
    #expect(
      shared.runningStatistics.map(\.name) == ["body.bn1.running_mean", "body.bn1.running_var"])
    func saved(_ network: Network) throws -> Int {
      try Step.training(network, strategy: .full, batchSize: 4, threadCount: 2)
        .savedByteCount
    }
    #expect(try saved(shared) == saved(apart))
  }

  /// The gradient of a shared parameter is the sum of those that two equal ones of their own have.
  @Test(arguments: [.full, Strategy(recomputation: .squareRoot), spilling])
  func gradientsAreSummed(strategy: Strategy) throws {
    let shared = try Trainer.forTest(siamese(shares: true), strategy, batchSize: 4)
    let apart = try Trainer.forTest(siamese(shares: false), strategy, batchSize: 4)
    for (position, parameter) in apart.network.parameters.enumerated() {
      let name = parameter.name.replacing("again.", with: "body.")
      let source = unsafe shared.store.value(try index(name, in: shared.network))
      _ = unsafe apart.store.value(position).update(fromContentsOf: source)
    }
    let result = try shared.computeGradients()
    #expect(result.timeline == shared.forecast.timeline)
    #expect(try result.report == apart.computeGradients().report)
    for (position, parameter) in shared.network.parameters.enumerated() {
      let own = unsafe shared.store.gradient(position)
      let first = unsafe apart.store.gradient(try index(parameter.name, in: apart.network))
      let name = parameter.name.replacing("body.", with: "again.")
      let second = unsafe apart.store.gradient(try index(name, in: apart.network))
      for element in 0..<own.count {
        let isShared = name != parameter.name
        let sum = unsafe first[element] + (isShared ? second[element] : 0)
        // Kernels add into the older sum piece by piece: a few roundings of single precision.
        let scale = unsafe abs(first[element]) + abs(second[element])
        #expect(unsafe abs(own[element] - sum) <= (isShared ? 4e-6 * scale + 1e-7 : 0), "\(name)")
      }
    }
  }

  /// The running statistics take in the batches of both nodes, one after the other.
  @Test func statisticsFollowBothNodes() throws {
    let trainer = try Trainer.forTest(siamese(shares: true), .full, batchSize: 4)
    let apart = try Trainer.forTest(siamese(shares: false), .full, batchSize: 4)
    for (position, parameter) in apart.network.parameters.enumerated() {
      let name = parameter.name.replacing("again.", with: "body.")
      let source = unsafe trainer.store.value(try index(name, in: trainer.network))
      _ = unsafe apart.store.value(position).update(fromContentsOf: source)
    }
    _ = try trainer.step()
    _ = try apart.step()
    for statistic in 0..<2 {
      let start: Float = statistic == 0 ? 0 : 1
      let both = unsafe trainer.store.statistic(statistic)
      let (first, second) = unsafe (
        apart.store.statistic(statistic), apart.store.statistic(statistic + 2)
      )
      for element in 0..<both.count {
        // Each is 0.9·start + 0.1·batch; one after the other they are 0.9·first + 0.1·batch.
        let batch = unsafe second[element] - 0.9 * start
        let expected = unsafe 0.9 * first[element] + batch
        #expect(unsafe abs(both[element] - expected) <= 1e-6)
      }
    }
  }

  @Test func whatCannotBeSharedIsNamed() throws {
    var graph = try GraphBuilder(name: "bad", input: Shape(9, 9, channels: 1))
    let first = try Convolution(3, channels: 2).build(
      in: &graph, after: Network.input, name: "a.conv")
    func reason(_ original: String, channels: Int) -> String? {
      #expect(throws: NetworkError.self) {
        var graph = graph
        _ = try Repeated(original, as: "b") { Convolution(3, channels: channels).named("conv") }
          .build(in: &graph, after: first, name: nil)
      }?.description
    }
    #expect(
      reason("c", channels: 2) == "b.conv: it repeats 'c.conv', and there is no such layer")
    #expect(
      reason("a", channels: 2)
        == "b.conv: it cannot have the parameters of 'a.conv', which are of other names or shapes")
  }
}
