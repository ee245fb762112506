// This file is the code of Documentation/Extending.md, to the letter; `ReadmeTests` compares the two.
import Testing
import Tidemark

/// Keeps what convolutions and linear layers compute, and computes everything else anew.
struct KeepingProducts {
  func plan(for network: Network) -> Plan {
    var passes = network.nodes.map { Plan.Pass.forward($0.id) }
    var isThere = network.nodes.map { node in
      node.id == Network.input
        || node.operation.multiplyAccumulateCount(node.shapes(batchSize: 1)) > 0
    }
    func computeAnew(_ value: NodeID) {
      guard !isThere[value] else { return }
      isThere[value] = true
      for input in network.nodes[value].inputs { computeAnew(input) }
      passes.append(.forward(value))
    }
    for node in network.nodes.reversed() where network.requiresGradient[node.id] {
      for read in network.residualReads[node.id] {
        if let value = read.value { computeAnew(value) }
      }
      passes.append(.backward(node.id))
    }
    return Plan(passes: passes, of: network)
  }
}

@Test func ownStrategyHalvesWhatIsKept() throws {
  let network = try Model.resnet8.network(input: Shape(28, 28, channels: 1), classes: 10)
  let engine = try Engine.standard()
  let own = try Step.training(
    network, plan: KeepingProducts().plan(for: network), batchSize: 16,
    threadCount: engine.threadCount)
  let full = try Step.training(
    network, strategy: .full, batchSize: 16, threadCount: engine.threadCount)
  #expect(own.savedByteCount < full.savedByteCount * 6 / 10)
  #expect(own.recomputedFLOPsFraction < 0.05)

  func gradients(_ step: Step) throws -> [[Float]] {
    let trainer = try Trainer(step: step, engine: engine, ledger: Ledger(for: network))
    trainer.batch.fill(0..<16, of: try FashionMNIST.load(trainingLimit: 16, testLimit: 1))
    let result = try trainer.computeGradients()
    #expect(result.savedByteCount == step.savedByteCount)
    #expect(result.timeline == trainer.forecast.timeline)
    return trainer.store.parameters.indices.map { unsafe Array(trainer.store.gradient($0)) }
  }
  #expect(try gradients(own) == gradients(full))
}

@Test func whatCannotBeFollowedIsRefused() throws {
  let network = try Model.resnet8.network(input: Shape(28, 28, channels: 1), classes: 10)
  var plan = KeepingProducts().plan(for: network)
  plan.passes.removeLast()
  let error = #expect(throws: ScheduleError.self) {
    try Step.training(network, plan: plan, batchSize: 16, threadCount: 2)
  }
  #expect(
    error?.description
      == "the plan for resnet8 cannot be followed: stem.conv never runs backward")
}
