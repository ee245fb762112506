import Networks
import Schedules

extension Step {
  /// A training step, from a plan: what a strategy of one's own has decided.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - plan: In which order nodes run, and how residuals wait; made for this network.
  ///   - batchSize: The number of samples; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for; from 1 to 4096.
  /// - Returns: The step, proved well formed.
  /// - Throws: `ScheduleError` that names the layer if the plan is none for this network, or as
  ///   `training(_:strategy:batchSize:threadCount:)`.
  public static func training(
    _ network: Network, plan: Plan, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Step {
    try network.requireLosses()
    try network.requireTrainingStep(batchSize: batchSize, threadCount: threadCount)
    try plan.requireShape(of: network)
    let facts = MemoryFacts(network, batchSize: batchSize, threadCount: threadCount)
    let step = Step(Schedule(plan, facts))
    do throws(InvalidSchedule) {
      try Validator.check(
        step,
        baseline: BaselineMemory(network: network, batchSize: batchSize, optimizerStateCount: 0))
    } catch {
      throw ScheduleError("the plan for \(network.name) cannot be followed: \(error.reason)")
    }
    return step
  }
}

extension Plan {
  /// Creates a plan from its passes alone: residuals wait as small as is exact.
  ///
  /// A value waits in one bit an element where that is all that its readers need, such as the output of a
  /// rectifier in front of an addition, and whole elsewhere.
  ///
  /// - Parameters:
  ///   - passes: The passes in order.
  ///   - network: The network whose passes they are.
  public init(passes: [Pass], of network: Network) {
    self.init(
      passes: passes, representations: network.leanRepresentations(wholeValues: [], reduced: [:]))
  }

  /// Requires what the rules of memory take for granted; the validator finds everything else.
  fileprivate func requireShape(of network: Network) throws(ScheduleError) {
    func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(ScheduleError) {
      guard condition else {
        throw ScheduleError("the plan for \(network.name) cannot be followed: \(reason())")
      }
    }
    for pass in passes {
      switch pass {
      case .forward(let node), .backward(let node), .invert(let node):
        try require(
          network.nodes.indices.contains(node),
          "it runs node \(node), and the nodes are 0 to \(network.nodes.count - 1)")
      }
      // One that recovers nothing would be left out in silence, as one whose result nobody reads is.
      if case .invert(let node) = pass {
        try require(
          network.recoveredInput(of: node) != nil,
          "no input of \(network.nodes[node].name) can be recovered from its output")
      }
    }
    try require(
      representations.count == network.nodes.count,
      "it has representations for \(representations.count) nodes of \(network.nodes.count)")
    for (node, chosen) in zip(network.nodes, representations) {
      let reads = network.residualReads[node.id]
      try require(
        reads.count == chosen.count,
        "\(node.name) reads \(reads.count) residuals, not \(chosen.count)")
      for (read, representation) in zip(reads, chosen) {
        try require(
          read.need.accepts(representation.kind),
          "\(node.name) cannot read a residual that waits as \(representation)")
        // The input and what forward passes leave behind are never written in another way.
        try require(
          representation == .whole || ![nil, Network.input].contains(read.value),
          "\(node.name) reads a residual that can only wait whole")
      }
    }
  }
}
