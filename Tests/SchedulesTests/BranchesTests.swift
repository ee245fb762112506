import Networks
import Testing

@testable import Planning

/// What a sum adds to a value that it can give back: found in one walk over the network.
@Suite struct BranchesTests {
  private func branch(_ graph: inout GraphBuilder, after value: NodeID) throws -> NodeID {
    let convolution = try graph.add(
      Convolution(3, channels: 4, padding: 1), inputs: [value])
    return try graph.add(ReLU(), inputs: [convolution])
  }

  /// A network that begins with `channels` of 4 and ends with a classifier behind `body`.
  private func network(
    _ body: (inout GraphBuilder, NodeID) throws -> NodeID
  ) throws -> Network {
    var graph = try GraphBuilder(name: "test", input: Shape(8, 8, channels: 1))
    let stem = try branch(&graph, after: Network.input)
    let last = try body(&graph, stem)
    let means = try graph.add(GlobalAveragePooling(), inputs: [last])
    let scores = try graph.add(Linear(10), inputs: [means])
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    return try graph.network()
  }

  /// y₁ = x₁ + F(x₂), y₂ = x₂ + F(y₁) and so on.
  private func reversible(couplings count: Int) throws -> Network {
    try network { graph, stem in
      var streams = [try branch(&graph, after: stem), try branch(&graph, after: stem)]
      for _ in 0..<count {
        let function = try branch(&graph, after: streams[1])
        streams = [streams[1], try graph.add(Add(), inputs: [streams[0], function])]
      }
      return try graph.add(Add(), inputs: streams)
    }
  }

  /// The sums of reversible blocks, but for the first ones of stages, whose stream nobody else reads.
  @Test func revnetHasItsCouplings() throws {
    let network = try Model.revnet.usual()
    let couplings = Inversion(network).couplings
    let found = couplings.map { sum, branch in
      [network.nodes[sum].name] + branch.map { network.nodes[$0].name }
    }
    let expected = (1...9).flatMap { block in
      [("f", 1), ("g", 2)].filter { block % 3 != 1 || $0.1 == 2 }.map { letter, stream in
        let layers = ["conv1", "bn1", "relu1", "conv2", "bn2"]
        return ["block\(block)y\(stream)"] + layers.map { "block\(block)\(letter).\($0)" }
      }
    }
    #expect(Set(found) == Set(expected))
  }

  @Test(arguments: Model.named.filter { $0 != .revnet })
  func otherModelsHaveNone(model: Model) throws {
    let network = try model.usual()
    #expect(Inversion(network).couplings.isEmpty)
    #expect(Inversion(network).rectifiers.isEmpty == (model != .resnet18Leaky))
  }

  /// Each node is looked at as often as it is read, not once for every way to it.
  @Test(.timeLimit(.minutes(1)), arguments: [3, 40, 400])
  func couplingsInARowAreAllFound(count: Int) throws {
    let network = try reversible(couplings: count)
    let couplings = Inversion(network).couplings
    // The first one's stream has no other reader.
    #expect(couplings.count == count - 1)
    #expect(couplings.values.allSatisfy { $0.count == 2 })
  }

  /// What is added is computed from the value itself, so that there is nothing to recover.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 100, 1000])
  func sumsWrittenSkipFirstAreNoCouplings(count: Int) throws {
    let network = try network { graph, stem in
      var value = stem
      for _ in 0..<count {
        value = try graph.add(Add(), inputs: [value, try branch(&graph, after: value)])
      }
      return value
    }
    #expect(Inversion(network).couplings.isEmpty)
  }

  /// A branch may branch itself, as long as it reads one value and nobody else reads its own.
  @Test func branchesMayBranch() throws {
    func couplings(leaks: Bool) throws -> [[NodeID]] {
      let network = try network { graph, stem in
        let streams = [try branch(&graph, after: stem), try branch(&graph, after: stem)]
        let inner = try branch(&graph, after: streams[1])
        let ends = [try branch(&graph, after: inner), try branch(&graph, after: inner)]
        let function = try graph.add(Add(), inputs: ends)
        let sum = try graph.add(Add(), inputs: [streams[0], function])
        let tail = try graph.add(Add(), inputs: [streams[0], leaks ? ends[0] : streams[1]])
        return try graph.add(Add(), inputs: [sum, try branch(&graph, after: tail)])
      }
      return Inversion(network).couplings.values.map { $0 }
    }
    #expect(try couplings(leaks: false).map(\.count) == [7])
    // What is read elsewhere can be recovered itself.
    #expect(try couplings(leaks: true).map(\.count) == [2])
  }
}
