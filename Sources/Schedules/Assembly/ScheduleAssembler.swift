import MemoryLedger
import Networks

/// Turns a plan into a schedule: decides where everything lies and how long.
///
/// Memory is taken as late and given back as early as possible, outputs and gradients take over
/// memory where the operation allows it and nobody reads what was there.
struct ScheduleAssembler {
  /// One piece of memory, whose category is known only when all that it will hold is.
  private struct Storage {
    var isHeld = false
    var owner: NodeID
  }

  private struct Draft {
    let deed: Action.Deed
    var creates: [(item: Item, storage: Int)] = []
    var handsOver: [Action.HandOver] = []
    var releases: [Item] = []
    var scratchByteCount = 0
  }

  private let network: Network
  private let batchSize: Int
  private let threadCount: Int
  private let plan: Plan
  private let liveness: Liveness

  private var storages: [Storage] = []
  private var storageOf: [Item: Int] = [:]
  private var drafts: [Draft] = []
  /// The pass that produced each item that is in memory.
  private var origin: [Item: Int] = [:]

  init(network: Network, batchSize: Int, threadCount: Int, plan: Plan) {
    self.network = network
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.plan = plan
    liveness = Liveness(plan, network: network)
  }

  mutating func assemble(mode: Mode) -> Schedule {
    for (index, pass) in liveness.passes.enumerated() {
      switch pass {
      case .forward(let node): addForward(node, pass: index)
      case .backward(let node): addBackward(node, pass: index)
      }
    }
    return Schedule(
      network: network, batchSize: batchSize, threadCount: threadCount, mode: mode,
      actions: drafts.map(action), representations: plan.representations)
  }

  private func action(_ draft: Draft) -> Action {
    Action(
      draft.deed,
      creates: draft.creates.map { item, storage in
        Action.Creation(
          item: item, category: storages[storage].isHeld ? .activations : .transient,
          owner: storages[storage].owner)
      },
      handsOver: draft.handsOver, releases: draft.releases,
      scratchByteCount: draft.scratchByteCount)
  }
}

// MARK: - Memory

extension ScheduleAssembler {
  private mutating func create(_ item: Item, pass: Int, in draft: inout Draft) {
    storages.append(Storage(owner: item.node))
    storageOf[item] = storages.count - 1
    draft.creates.append((item, storages.count - 1))
    noteLife(of: item, pass: pass)
  }

  private mutating func handOver(
    _ from: Item, to item: Item, pass: Int, in draft: inout Draft
  ) {
    storageOf[item] = storageOf.removeValue(forKey: from)
    origin[from] = nil
    draft.handsOver.append(Action.HandOver(from: from, to: item))
    noteLife(of: item, pass: pass)
  }

  /// Counts the memory as held, for the first of its items that is.
  private mutating func noteLife(of item: Item, pass: Int) {
    origin[item] = pass
    guard life(of: item)?.isHeld == true, let storage = storageOf[item],
      !storages[storage].isHeld
    else { return }
    storages[storage].isHeld = true
    storages[storage].owner = item.node
  }

  private func life(of item: Item) -> Liveness.Life? {
    origin[item].flatMap { liveness.lives[Liveness.Product(pass: $0, item: item)] }
  }

  /// Whether nobody reads an item of the network's own making after this pass.
  private func isDead(_ item: Item, after pass: Int) -> Bool {
    guard storageOf[item] != nil else { return false }
    return (life(of: item)?.lastRead ?? pass) <= pass
  }

  /// Gives back what nobody reads any more.
  private mutating func release(_ items: [Item], after pass: Int) {
    var released: [Item] = []
    for item in items where isDead(item, after: pass) && !released.contains(item) {
      released.append(item)
    }
    releaseAll(released)
  }

  private mutating func releaseAll(_ items: [Item]) {
    guard !items.isEmpty else { return }
    for item in items {
      storageOf[item] = nil
      origin[item] = nil
    }
    drafts.append(Draft(deed: .release, releases: items))
  }
}

// MARK: - Forward

extension ScheduleAssembler {
  private mutating func addForward(_ id: NodeID, pass: Int) {
    let node = network.nodes[id]
    let operation = node.operation
    guard id != Network.input else { return }
    let shapes = node.shapes(batchSize: batchSize)
    let inputs = node.inputs.map { Item.value($0) }
    var draft = Draft(deed: liveness.isRecomputation[pass] ? .recompute(id) : .forward(id))
    draft.scratchByteCount = operation.scratchByteCount(
      .forward, shapes, threadCount: threadCount)

    var residuals: [Item] = []
    for (index, residual) in operation.ownResiduals(shapes).enumerated() {
      let item = Item.residual(id, index)
      guard isWanted(item, pass) || !residual.isOptional else { continue }
      residuals.append(item)
      if let input = residual.mayOverwriteInput, isDead(inputs[input], after: pass) {
        handOver(inputs[input], to: item, pass: pass, in: &draft)
      } else {
        create(item, pass: pass, in: &draft)
      }
    }
    if !operation.isLoss {
      let candidate = operation.outputMayOverwrite(shapes).map { inputs[$0] }.first {
        isDead($0, after: pass)
      }
      if let candidate {
        handOver(candidate, to: .value(id), pass: pass, in: &draft)
      } else {
        create(.value(id), pass: pass, in: &draft)
      }
    }
    drafts.append(draft)
    for representation in wantedEncodings(of: id, pass) {
      addEncoding(id, representation, pass: pass)
    }
    release(inputs + residuals + [.value(id)], after: pass)
  }

  private func isWanted(_ item: Item, _ pass: Int) -> Bool {
    liveness.lives[Liveness.Product(pass: pass, item: item)] != nil
  }

  private func wantedEncodings(of node: NodeID, _ pass: Int) -> [Representation] {
    var found: [Representation] = []
    for reader in [node] + network.readers[node] {
      for case .encoded(node, let representation) in network.neededItems(
        of: reader, plan.representations)
      where isWanted(.encoded(node, representation), pass) && !found.contains(representation) {
        found.append(representation)
      }
    }
    return found
  }

  private mutating func addEncoding(_ node: NodeID, _ representation: Representation, pass: Int) {
    var draft = Draft(deed: .encode(node, representation))
    let shape = network.nodes[node].outputShape
    draft.scratchByteCount = representation.encodingScratchByteCount(
      of: shape, batchSize: batchSize, threadCount: threadCount)
    create(.encoded(node, representation), pass: pass, in: &draft)
    drafts.append(draft)
  }
}

// MARK: - Backward

extension ScheduleAssembler {
  private mutating func addBackward(_ id: NodeID, pass: Int) {
    let node = network.nodes[id]
    let operation = node.operation
    let shapes = node.shapes(batchSize: batchSize)
    let inputs = node.inputs.filter { network.requiresGradient[$0] }
    let needed = network.neededItems(of: id, plan.representations)
    let decoded = decode(needed, pass: pass)
    var draft = Draft(deed: .backward(id))
    draft.scratchByteCount = operation.scratchByteCount(
      .backward(
        needsInputGradient: !inputs.isEmpty,
        residuals: plan.representations[id].map { $0.isDecoded ? .whole : $0 }), shapes,
      threadCount: threadCount)

    for input in inputs where storageOf[.gradient(input)] == nil {
      if let source = gradientStorage(operation.inputGradientMayOverwrite(shapes), id, pass) {
        handOver(source, to: .gradient(input), pass: pass, in: &draft)
      } else {
        create(.gradient(input), pass: pass, in: &draft)
      }
    }
    drafts.append(draft)

    var finished = decoded
    if storageOf[.gradient(id)] != nil { finished.append(.gradient(id)) }
    for item in needed
    where item != .value(Network.input) && isDead(item, after: pass) && !finished.contains(item) {
      finished.append(item)
    }
    releaseAll(finished)
  }

  /// Rebuilds the values that wait encoded, and returns them.
  private mutating func decode(_ needed: [Item], pass: Int) -> [Item] {
    var decoded: [Item] = []
    for case .encoded(let value, let representation) in needed
    where representation.isDecoded && storageOf[.value(value)] == nil {
      var draft = Draft(deed: .decode(value, representation))
      create(.value(value), pass: pass, in: &draft)
      drafts.append(draft)
      decoded.append(.value(value))
    }
    return decoded
  }

  /// The memory that an input's gradient takes over, if there is some to take.
  private func gradientStorage(
    _ storage: GradientStorage, _ id: NodeID, _ pass: Int
  ) -> Item? {
    switch storage {
    case .none: nil
    case .outputGradient: storageOf[.gradient(id)] == nil ? nil : .gradient(id)
    case .ownResidual(let index):
      isDead(.residual(id, index), after: pass) ? .residual(id, index) : nil
    }
  }
}
