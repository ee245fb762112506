import MemoryLedger
import Networks

/// Why a schedule is not well formed: the action, and what is wrong with it.
public struct InvalidSchedule: Error, Hashable, Sendable, CustomStringConvertible {
  /// The index of the action; the number of actions if the schedule as a whole is wrong.
  public let actionIndex: Int
  /// What is wrong.
  public let reason: String

  /// One sentence.
  public var description: String { "action \(actionIndex): \(reason)" }
}

/// Proves a step well formed without running it.
///
/// Every run finds the samples that its schedule runs at once. Every action finds what it reads,
/// gradients are complete before they are read, every node runs forward once and is recomputed only
/// after that, runs backward exactly once, memory changes hands only where the operation allows it,
/// nothing is left over, and limits hold at every action. The validator knows the network's facts and
/// nothing of how the schedule was made.
public struct Validator {
  private let schedule: Schedule

  private var network: Network { schedule.network }
  private var live: Set<Item> = [.value(Network.input)]
  private var hasRunForward: Set<NodeID> = []
  private var hasRunBackward: Set<NodeID> = []
  /// Whether a value came back from its file: from then on nothing is written to it.
  private var hasReadFile = false
  private var hasPropagated: Set<Int> = []
  /// The index of the action under way among those of the step.
  private var index: Int
  /// What the action under way makes and none of its deeds has accounted for.
  private var unclaimed: Set<Item> = []

  private init(_ schedule: Schedule, firstAction: Int) {
    self.schedule = schedule
    index = firstAction
  }

  /// Checks a step.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - baseline: The memory that stands between steps.
  ///   - limits: The limits that must hold at every action.
  /// - Throws: `InvalidSchedule` that names the first action that is wrong.
  public static func check(
    _ step: Step, baseline: BaselineMemory, limits: MemoryLimits = MemoryLimits()
  ) throws(InvalidSchedule) {
    var firstAction = 0
    var seen: Set<Int> = []
    for run in step.runs {
      // A schedule leaves nothing behind, so that all its runs are alike.
      var validator = Validator(step.schedule(of: run), firstAction: firstAction)
      try validator.checkSamples(of: run, in: step)
      if seen.insert(run.scheduleIndex).inserted { try validator.follow() }
      firstAction += validator.schedule.actions.count
    }
    try checkLimits(limits, of: Forecast(step, baseline: baseline))
  }

  private func checkSamples(of run: Run, in step: Step) throws(InvalidSchedule) {
    try require(
      run.samples.lowerBound >= 0 && run.samples.count == schedule.batchSize,
      "a run over samples \(run.samples) has a schedule for \(schedule.batchSize)")
    try require(
      run.samples == 0..<step.batchSize || !network.mixesSamples,
      "parts of a batch are not normalised as the whole is")
  }

  private mutating func follow() throws(InvalidSchedule) {
    for action in schedule.actions {
      try require(action.scratchByteCount >= 0, "it books negative scratch")
      try require(!action.deeds.isEmpty, "it does nothing")
      try require(
        action.deeds.count == 1 || network.canFuse(action.deeds, batchSize: schedule.batchSize),
        "\(action.deeds) cannot be done in one pass")
      unclaimed = Set(action.creates.map(\.item) + action.handsOver.map(\.to))
      try require(
        unclaimed.count == action.creates.count + action.handsOver.count,
        "it makes the same item twice")
      for deed in action.deeds { try follow(deed, of: action) }
      try require(unclaimed.isEmpty, "it makes \(unclaimed), which is none of its products")
      index += 1
    }
    try finish()
  }

  private mutating func follow(_ deed: Action.Deed, of action: Action) throws(InvalidSchedule) {
    switch deed {
    case .forward(let node): try forward(node, action, isFirst: true)
    case .recompute(let node): try forward(node, action, isFirst: false)
    case .encode(let node, let representation): try encode(node, representation, action)
    case .decode(let node, let representation): try decode(node, representation, action)
    case .backward(let node): try backward(node, action)
    case .invert(let node): try invert(node, action)
    case .derive(let node, let index): try derive(node, index, action)
    case .propagate(let node, let index): try propagate(node, index, action)
    case .release: try release(action)
    }
  }

  private func require(_ condition: Bool, _ reason: @autoclosure () -> String)
    throws(InvalidSchedule)
  {
    guard condition else { throw InvalidSchedule(actionIndex: index, reason: reason()) }
  }

  private func name(_ node: NodeID) -> String { network.nodes[node].name }

  // MARK: Memory

  /// Checks that an action makes `expected` for one of its deeds, each by taking new memory or by
  /// taking over memory that `allowed` lists for it.
  private mutating func applyMemory(
    _ action: Action, expected: Set<Item>, optional: Set<Item> = [],
    allowed: (Item) -> [Item]
  ) throws(InvalidSchedule) {
    try require(action.releases.isEmpty, "only a release gives memory back")
    let products = expected.union(optional)
    let handsOver = action.handsOver.filter { products.contains($0.to) }
    for handOver in handsOver {
      try require(live.contains(handOver.from), "\(handOver.from) is not there to be taken over")
      try require(
        allowed(handOver.to).contains(handOver.from),
        "\(handOver.to) may not take over the memory of \(handOver.from)")
      try require(
        schedule.byteCount(of: handOver.from) == schedule.byteCount(of: handOver.to),
        "\(handOver.to) does not fit exactly into the memory of \(handOver.from)")
    }
    let made = action.creates.map(\.item).filter(products.contains) + handsOver.map(\.to)
    try require(
      expected.isSubset(of: made), "it makes \(made), not \(expected)")
    for item in made {
      try require(!live.contains(item), "\(item) is in memory already")
    }
    live.subtract(handsOver.map(\.from))
    live.formUnion(made)
    unclaimed.subtract(made)
  }

  private mutating func release(_ action: Action) throws(InvalidSchedule) {
    try require(
      action.creates.isEmpty && action.handsOver.isEmpty && action.scratchByteCount == 0,
      "a release only gives memory back")
    for item in action.releases {
      try require(item != .value(Network.input), "the input is not the schedule's to release")
      try require(live.remove(item) != nil, "\(item) is not there to be released")
    }
  }

  // MARK: Passes

  private mutating func forward(
    _ id: NodeID, _ action: Action, isFirst: Bool
  ) throws(InvalidSchedule) {
    let node = network.nodes[id]
    let shapes = node.shapes(batchSize: schedule.batchSize)
    for input in node.inputs {
      try require(live.contains(.value(input)), "\(node.name) does not find \(name(input))'s value")
    }
    try require(
      hasRunForward.insert(id).inserted == isFirst,
      isFirst ? "\(node.name) runs twice" : "\(node.name) is recomputed before it ran")
    try requireParameters(of: id)
    let own = node.operation.ownResiduals(shapes)
    let required = own.indices.filter { !own[$0].isOptional }.map { Item.residual(id, $0) }
    try applyMemory(
      action,
      expected: Set(required + (node.operation.isLoss ? [] : [.value(id)])),
      optional: Set(own.indices.map { .residual(id, $0) })
    ) { item in
      if case .residual(_, let index) = item {
        return own[index].mayOverwriteInput.map { [.value(node.inputs[$0])] } ?? []
      }
      return node.operation.outputMayOverwrite(shapes).map { .value(node.inputs[$0]) }
    }
  }

  private mutating func encode(
    _ id: NodeID, _ representation: Representation, _ action: Action
  ) throws(InvalidSchedule) {
    try require(live.contains(.value(id)), "\(name(id))'s value is not there to be encoded")
    var staging: Set<Item> = []
    if case .spilled(let byteCount) = representation {
      staging = [.staging(id, byteCount: byteCount)]
      try require(
        !hasReadFile, "\(name(id))'s value goes to a file after reading back has begun")
    }
    try applyMemory(
      action, expected: [.encoded(id, representation)], optional: staging
    ) { _ in [] }
    try checkStaging(for: id, representation)
  }

  private mutating func decode(
    _ id: NodeID, _ representation: Representation, _ action: Action
  ) throws(InvalidSchedule) {
    try require(
      live.contains(.encoded(id, representation)),
      "\(name(id))'s value is not there as \(representation) to be decoded")
    try require(
      representation.isDecoded, "no value can be rebuilt from \(representation)")
    hasReadFile = hasReadFile || representation.kind == .spilled
    try checkStaging(for: id, representation)
    try applyMemory(action, expected: [.value(id)]) { _ in [] }
  }

  private mutating func invert(_ id: NodeID, _ action: Action) throws(InvalidSchedule) {
    let node = network.nodes[id]
    guard let input = network.recoveredInput(of: id) else {
      throw InvalidSchedule(
        actionIndex: index, reason: "no input of \(node.name) can be recovered from its output")
    }
    try require(hasRunForward.contains(id), "\(node.name) is inverted before it ran")
    try requireParameters(of: id)
    for item in network.itemsForInversion(of: id) {
      try require(live.contains(item), "the inversion of \(node.name) does not find \(item)")
    }
    try applyMemory(action, expected: [.value(input)]) { _ in [.value(id)] }
  }

  /// Requires the staging memory that a spilled value goes through.
  private func checkStaging(
    for id: NodeID, _ representation: Representation
  ) throws(InvalidSchedule) {
    guard case .spilled(let byteCount) = representation else { return }
    let isThere = live.contains { item in
      if case .staging(_, byteCount) = item { return true }
      return false
    }
    try require(isThere, "\(name(id))'s value finds no staging memory")
  }

  private mutating func backward(_ id: NodeID, _ action: Action) throws(InvalidSchedule) {
    let node = network.nodes[id]
    let shapes = node.shapes(batchSize: schedule.batchSize)
    try require(schedule.mode == .training, "inference has no backward pass")
    try require(hasRunBackward.insert(id).inserted, "\(node.name) runs backward twice")
    for reader in network.readers[id] where network.requiresGradient[reader] {
      try require(
        hasRunBackward.contains(reader),
        "\(node.name) runs backward before \(name(reader)), which adds to its gradient")
    }
    if !node.operation.isLoss {
      try require(live.contains(.gradient(id)), "\(node.name) does not find its gradient")
    }
    let needs = network.residualReads[id].map(\.need)
    let representations = schedule.representations[id]
    try require(
      needs.count == representations.count
        && zip(needs, representations).allSatisfy { $0.accepts($1.kind) },
      "\(node.name) cannot read its residuals in the representations \(representations)")
    for item in network.readItems(of: id, schedule.representations) {
      try require(live.contains(item), "\(node.name) does not find \(item)")
    }
    try requireParameters(of: id)
    let inputs = Set(network.gradientInputs(of: id))
    let gradients = inputs.map { Item.gradient($0) } + derivedGradients(of: id)
    try applyMemory(
      action, expected: Set(gradients.filter { !live.contains($0) })
    ) { item in
      guard case .gradient = item else { return [] }
      return switch node.operation.inputGradientMayOverwrite(shapes) {
      case .none: []
      case .outputGradient: [.gradient(id)]
      case .ownResidual(let index): [.residual(id, index)]
      }
    }
  }

  // MARK: Derived parameters

  private func requireParameters(of id: NodeID) throws(InvalidSchedule) {
    for index in network.parameterTable.derivedParameters(of: id) {
      let item = Item.derived(network.parameterTable.derived[index].node, index)
      try require(live.contains(item), "\(name(id)) does not find \(item)")
    }
  }

  /// The gradients of derived parameters that a node's backward pass makes or adds to.
  private func derivedGradients(of id: NodeID) -> [Item] {
    network.parameterTable.derivedParameters(of: id)
      .filter { network.parameterTable.isTrained(.derived($0)) }
      .map { .derivedGradient(network.parameterTable.derived[$0].node, $0) }
  }

  private mutating func derive(
    _ id: NodeID, _ index: Int, _ action: Action
  ) throws(InvalidSchedule) {
    try applyMemory(action, expected: [.derived(id, index)]) { _ in [] }
  }

  private mutating func propagate(
    _ id: NodeID, _ index: Int, _ action: Action
  ) throws(InvalidSchedule) {
    try require(
      live.contains(.derivedGradient(id, index)),
      "the gradient of a parameter of \(name(id)) is not there to be propagated")
    for node in network.nodes
    where network.requiresGradient[node.id]
      && derivedGradients(of: node.id).contains(.derivedGradient(id, index))
    {
      try require(
        hasRunBackward.contains(node.id),
        "the gradient of a parameter of \(name(id)) is propagated before \(node.name) adds to it")
    }
    try require(
      hasPropagated.insert(index).inserted, "a parameter of \(name(id)) is propagated twice")
    try applyMemory(action, expected: []) { _ in [] }
  }

  // MARK: The whole

  private func finish() throws(InvalidSchedule) {
    for node in network.nodes.dropFirst() {
      try require(hasRunForward.contains(node.id), "\(node.name) never runs")
      if schedule.mode == .training, network.requiresGradient[node.id] {
        try require(hasRunBackward.contains(node.id), "\(node.name) never runs backward")
      }
    }
    for index in network.parameterTable.derived.indices
    where schedule.mode == .training && network.parameterTable.isTrained(.derived(index)) {
      try require(
        hasPropagated.contains(index),
        "a parameter of \(name(network.parameterTable.derived[index].node)) is never propagated")
    }
    let left = live.subtracting([.value(Network.input)])
    try require(left.isEmpty, "it leaves \(left) behind")
  }

  private static func checkLimits(
    _ limits: MemoryLimits, of forecast: Forecast
  ) throws(InvalidSchedule) {
    for (index, bytes) in forecast.timeline.enumerated() {
      func require(_ byteCount: Int, _ name: String, atMost limit: Int?) throws(InvalidSchedule) {
        guard let limit, byteCount > limit else { return }
        throw InvalidSchedule(
          actionIndex: index,
          reason: "\(byteCount) bytes\(name) stand against a limit of \(limit)")
      }
      try require(bytes.total, "", atMost: limits.total)
      for category in MemoryCategory.allCases {
        try require(bytes[category], " of \(category.name)", atMost: limits[category])
      }
    }
  }
}
