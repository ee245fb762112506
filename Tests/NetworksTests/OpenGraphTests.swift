import Networks
import Testing

/// Networks with several ends, or none that is a loss, and blocks of branches.
@Suite struct OpenGraphTests {
  private let image = Shape(6, 6, channels: 3)

  private func message(_ body: () throws -> Network) -> String {
    do {
      _ = try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  // MARK: Ends

  @Test func aNetworkMayHaveNoLoss() throws {
    let network = try Network("features", input: image) {
      Convolution(3, channels: 4).named("conv")
      GlobalAveragePooling().named("features")
    }
    #expect(network.losses.isEmpty)
    #expect(network.outputs.map { network.nodes[$0].name } == ["features"])
    #expect(network.labelCount == 0 && network.classCount == 0)
    #expect(network.parameterCount > 0 && network.trainedParameterCount == 0)
    #expect(network.requiresGradient.allSatisfy { !$0 })

    let trained = try network.adding(ValueLoss.squares(), weight: 0.5)
    #expect(trained.nodes.dropLast().map(\.name) == network.nodes.map(\.name))
    #expect(trained.losses.map(\.weight) == [0.5])
    #expect(trained.parameters.map(\.name) == network.parameters.map(\.name))
    #expect(trained.trainedParameterCount == network.parameterCount)
    #expect(trained.targetCount(of: trained.losses[0].node) == 4)
    #expect(
      message { try trained.adding(ValueLoss.squares(), to: "nose") }
        == "features: it has no layer called nose")
    let twice = try trained.adding(ValueLoss.magnitudes(), to: "features")
    #expect(twice.losses.map { twice.nodes[$0.node].name } == ["mse1", "l11"])
  }

  @Test func severalLossesHaveWeightsAndNames() throws {
    let network = try Network("heads", input: image) {
      Convolution(3, channels: 4, padding: 1)
      Auxiliary("early") {
        GlobalAveragePooling()
        Linear(5)
        SoftmaxCrossEntropy().weighted(0.3)
      }
      ReLU()
      GlobalAveragePooling()
      Linear(7)
      SoftmaxCrossEntropy()
    }
    #expect(network.losses.map { network.nodes[$0.node].name } == ["early.loss1", "loss1"])
    #expect(network.losses.map(\.weight) == [0.3, 1])
    #expect(network.mainLossIndex == 1)
    #expect(network.outputs.isEmpty)
    #expect(network.classCount == 5)
    #expect(network.labelCount == 1)
  }

  @Test func endsThatCannotBeAreRefused() throws {
    func network(
      _ body: @Sendable (inout GraphBuilder) throws -> Void, pruning: Bool = false
    ) -> String {
      message {
        var graph = try GraphBuilder(name: "net", input: image)
        try body(&graph)
        return try graph.network(pruning: pruning)
      }
    }
    #expect(
      network { graph in try graph.add(Convolution(3, channels: 2), inputs: [0]) }
        .contains("net: a network ends with a loss"))
    #expect(
      network { graph in
        let loss = try graph.add(SoftmaxCrossEntropy(), inputs: [0], name: "first")
        try graph.add(ReLU(), inputs: [loss], name: "behind")
      } == "behind: it reads 'first', a loss, which yields no value")
    #expect(
      network { graph in try graph.add(SoftmaxCrossEntropy(), inputs: [0], name: "lonely") }
        .hasPrefix("lonely: no parameter lies before this loss"))
    #expect(
      network { graph in
        let map = try graph.add(Convolution(1, channels: 2), inputs: [0])
        try graph.add(SoftmaxCrossEntropy(), inputs: [map], name: "pixels")
        let vector = try graph.add(GlobalAveragePooling(), inputs: [map])
        try graph.add(SoftmaxCrossEntropy(), inputs: [vector], name: "image")
      }.hasPrefix("image: it reads 1 labels a sample, and pixels reads 36"))
    #expect(
      network { graph in
        let map = try graph.add(Convolution(1, channels: 2), inputs: [0], name: "conv")
        let loss = try graph.add(SoftmaxCrossEntropy(), inputs: [map])
        try graph.weigh(loss, by: 0)
      }.contains("the weight 0.0 of the loss must be above 0"))
    #expect(
      network { graph in try graph.markOutput(0) } == "input: it cannot be an output, since it is "
        + "the input")
  }

  // MARK: Pruning

  @Test func whatNobodyReadsIsPrunedOnRequest() throws {
    func build(pruning: Bool) throws -> Network {
      var graph = try GraphBuilder(name: "net", input: image)
      let first = try graph.add(Convolution(3, channels: 2), inputs: [0], name: "first")
      let dead = try graph.add(Convolution(3, channels: 9), inputs: [first], name: "dead")
      try graph.add(ReLU(), inputs: [dead], name: "end")
      let kept = try graph.add(Convolution(3, channels: 4), inputs: [first], name: "kept")
      let loss = try graph.add(ValueLoss.squares(), inputs: [kept], name: "loss")
      try graph.weigh(loss, by: 2)
      try graph.markOutput(kept)
      return try graph.network(pruning: pruning)
    }
    #expect(message { try build(pruning: false) } == "end: no other layer reads its output")
    let network = try build(pruning: true)
    #expect(network.nodes.map(\.name) == ["input", "first", "kept", "loss"])
    #expect(network.nodes.map(\.id) == [0, 1, 2, 3])
    #expect(network.nodes.map(\.inputs) == [[], [0], [1], [2]])
    #expect(network.outputs == [2])
    #expect(network.losses.map(\.node) == [3] && network.losses.map(\.weight) == [2])
    #expect(network.parameters.map(\.name) == ["first.w", "first.b", "kept.w", "kept.b"])
  }

  /// Parameters that several layers name go to the first of them that is left.
  @Test func sharedParametersOutliveThePruningOfTheirOwner() throws {
    var graph = try GraphBuilder(name: "net", input: image)
    _ = try graph.add(Convolution(3, channels: 2), inputs: [0], name: "a.conv")
    func repeated(_ name: String) throws -> NodeID {
      try graph.repeating("a", as: name) { graph throws(NetworkError) in
        try graph.add(Convolution(3, channels: 2), inputs: [0], name: "conv")
      }
    }
    let sum = try graph.add(Add(), inputs: [repeated("b"), repeated("c")], name: "sum")
    try graph.add(ValueLoss.squares(), inputs: [sum], name: "loss")
    let network = try graph.network(pruning: true)
    #expect(network.nodes.map(\.name) == ["input", "b.conv", "c.conv", "sum", "loss"])
    #expect(network.parameters.map(\.name) == ["b.conv.w", "b.conv.b"])
    let shared: [ParameterReference] = [.stored(0), .stored(1)]
    #expect(network.parameterTable.parametersOfNode == [[], shared, shared, [], []])
    // It stays shared in a network that is gone on with.
    let again = try network.adding(ValueLoss.magnitudes(), to: "sum")
    #expect(again.parameterTable.parametersOfNode == [[], shared, shared, [], [], []])
  }

  // MARK: What learns

  /// Only a loss makes something learn, and not through a teacher's value.
  @Test func whatNoLossReachesHasNoGradient() throws {
    var graph = try GraphBuilder(name: "net", input: image)
    let body = try graph.add(Convolution(3, channels: 4), inputs: [0], name: "body")
    let side = try graph.add(Convolution(1, channels: 2), inputs: [body], name: "side")
    try graph.markOutput(side)
    let teacher = try graph.add(Convolution(1, channels: 4), inputs: [body], name: "teacher")
    let student = try graph.add(Convolution(1, channels: 4), inputs: [body], name: "student")
    let loss = try graph.add(ValueLoss.squares(), inputs: [student, teacher], name: "loss")
    let network = try graph.network()
    #expect(network.requiresGradient == [false, true, false, false, true, true])
    #expect(network.gradientInputs(of: loss) == [student])
    #expect(
      network.parameters.filter(\.isTrained).map(\.nodeName) == [
        "body", "body", "student", "student",
      ])
  }

  // MARK: Branches

  @Test func branchesAreJoined() throws {
    func network(_ join: Parallel.Join) throws -> Network {
      try Network("net", input: image) {
        Parallel(join) {
          Branch("narrow") { Convolution(1, channels: 3).named("conv") }
          Branch {
            Convolution(3, channels: 3, padding: 1).named("wide")
            ReLU()
          }
          Branch()
        }.named("block")
        SoftmaxCrossEntropy()
      }
    }
    let joined = try network(.concatenating)
    #expect(
      joined.nodes.map(\.name)
        == [
          "input", "block.narrow.conv", "block.wide", "block.relu1", "block.concat1", "loss1",
        ])
    #expect(joined.nodes[4].inputs == [1, 3, 0])
    #expect(joined.nodes[4].outputShape == Shape(6, 6, channels: 9))
    let added = try network(.adding)
    #expect(added.nodes.map(\.operation.kind).filter { $0 == "add" }.count == 2)
    #expect(added.nodes[5].inputs == [4, 0])
    let error = message {
      try Network("net", input: image) {
        Parallel(.adding) {
          Branch { Convolution(1, channels: 4) }
          Branch()
        }.named("block")
        SoftmaxCrossEntropy()
      }
    }
    #expect(error.hasPrefix("block.add1: it cannot add values of different shapes"))
    #expect(
      message {
        try Network("net", input: image) {
          Parallel(.adding) { Branch { Convolution(1, channels: 4) } }
          SoftmaxCrossEntropy()
        }
      } == "add1: add reads two values, not 1")
  }

  @Test func branchesOfResidualsHaveNames() throws {
    let network = try Network("net", input: image) {
      Residual(branchName: "main", shortcutName: "downsample") {
        Convolution(3, channels: 3, padding: 1).named("conv")
      } shortcut: {
        Convolution(1, channels: 3).named("conv")
      }.named("block")
      SoftmaxCrossEntropy()
    }
    #expect(
      network.nodes.map(\.name)
        == ["input", "block.main.conv", "block.downsample.conv", "block.add1", "loss1"])
  }
}
