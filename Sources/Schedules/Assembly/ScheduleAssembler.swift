import MemoryLedger
import Networks

/// Turns a plan into a schedule: decides where everything lies and how long.
///
/// Memory is taken as late and given back as early as possible, outputs and gradients take over
/// memory where the operation allows it and nobody reads what was there.
package struct ScheduleAssembler {
  /// One piece of memory, whose category is known only when all that it will hold is.
  private struct Storage {
    var isHeld = false
    var owner: NodeID
  }

  private struct Draft {
    var deeds: [Action.Deed]
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

  package init(network: Network, batchSize: Int, threadCount: Int, plan: Plan) {
    self.network = network
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.plan = plan
    liveness = Liveness(plan, network: network)
  }

  /// Makes the schedule.
  ///
  /// - Parameter mode: Training or inference.
  /// - Returns: The schedule.
  package mutating func assemble(mode: Mode) -> Schedule {
    var index = 0
    while index < liveness.passes.count {
      switch liveness.passes[index] {
      case .forward(let node): index += addForward(node, pass: index)
      case .backward(let node): index += addBackward(node, pass: index)
      case .invert(let node): index += addInversion(node, pass: index)
      }
    }
    addStaging()
    let actions = ParameterDerivation(
      network, actions: drafts.map(action), keepsValues: plan.keepsDerivedParameters
    ).allActions()
    return Schedule(
      network: network, batchSize: batchSize, threadCount: threadCount, mode: mode,
      actions: actions, representations: plan.representations)
  }

  /// Takes staging memory with the first value that goes to a file, and gives it back behind the
  /// last one that comes back.
  private mutating func addStaging() {
    var first: (draft: Int, item: Item)?
    var last = 0
    for (index, draft) in drafts.enumerated() {
      for deed in draft.deeds {
        switch deed {
        case .encode(let node, .spilled(let byteCount)):
          if first == nil { first = (index, .staging(node, byteCount: byteCount)) }
        case .decode(_, .spilled):
          last = index
        default: break
        }
      }
    }
    guard let first else { return }
    // It holds what waits for the backward pass.
    storages.append(Storage(isHeld: true, owner: first.item.node))
    drafts[first.draft].creates.append((first.item, storages.count - 1))
    drafts.insert(Draft(deeds: [.release], releases: [first.item]), at: last + 1)
  }

  private func action(_ draft: Draft) -> Action {
    Action(
      draft.deeds,
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
    drafts.append(Draft(deeds: [.release], releases: items))
  }
}

// MARK: - Forward

extension ScheduleAssembler {
  /// Adds the forward pass at `pass`, together with that of a rectifier behind it if one pass can do
  /// both, and returns how many passes these were.
  private mutating func addForward(_ id: NodeID, pass: Int) -> Int {
    guard id != Network.input else { return 1 }
    var draft = Draft(deeds: [])
    let rectifier = fusedRectifier(behind: id, pass: pass)
    var touched = addProducts(of: id, pass: pass, in: &draft)
    if let rectifier { touched += addProducts(of: rectifier, pass: pass + 1, in: &draft) }
    let (last, lastPass) = rectifier.map { ($0, pass + 1) } ?? (id, pass)

    var encodings = wantedEncodings(of: last, lastPass)
    let isFused = { [network, batchSize] (representation: Representation) in
      network.fuses(representation, of: last, inPassOf: id, batchSize: batchSize)
    }
    // The mask first, then the one sketch that a pass can write.
    for isMask in [true, false] {
      guard
        let index = encodings.firstIndex(where: { ($0 == .signMask) == isMask && isFused($0) })
      else { continue }
      addEncoding(last, encodings.remove(at: index), pass: lastPass, in: &draft)
    }
    drafts.append(draft)
    for representation in encodings {
      var draft = Draft(deeds: [])
      addEncoding(last, representation, pass: lastPass, in: &draft)
      drafts.append(draft)
    }
    release(touched, after: lastPass)
    return rectifier == nil ? 1 : 2
  }

  /// The rectifier that the next pass runs, if this pass can do its work and nobody else reads the
  /// value in between.
  private func fusedRectifier(behind id: NodeID, pass: Int) -> NodeID? {
    guard let rectifier = network.fusedRectifier(of: id, in: .forward),
      pass + 1 < liveness.passes.count, liveness.passes[pass + 1] == .forward(rectifier),
      liveness.isRecomputation[pass] == liveness.isRecomputation[pass + 1],
      wantedEncodings(of: id, pass).isEmpty,
      liveness.lives[Liveness.Product(pass: pass, item: .value(id))]?.lastRead == pass + 1
    else { return nil }
    return rectifier
  }

  /// Adds a node's deed and the memory of what it makes; returns what it reads and makes.
  private mutating func addProducts(of id: NodeID, pass: Int, in draft: inout Draft) -> [Item] {
    let node = network.nodes[id]
    let operation = node.operation
    let shapes = node.shapes(batchSize: batchSize)
    let inputs = node.inputs.map { Item.value($0) }
    draft.deeds.append(liveness.isRecomputation[pass] ? .recompute(id) : .forward(id))
    draft.scratchByteCount = max(
      draft.scratchByteCount,
      operation.scratchByteCount(.forward, shapes, threadCount: threadCount))

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
    return inputs + residuals + [.value(id)]
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

  /// Adds an encoding, alone or to the pass that writes the value.
  private mutating func addEncoding(
    _ node: NodeID, _ representation: Representation, pass: Int, in draft: inout Draft
  ) {
    let shape = network.nodes[node].outputShape
    draft.scratchByteCount =
      draft.deeds.isEmpty
      ? representation.encodingScratchByteCount(
        of: shape, batchSize: batchSize, threadCount: threadCount)
      : Action.scratchByteCount(
        pass: draft.scratchByteCount,
        sketch: representation.scratchByteCountWithValues(
          of: shape, batchSize: batchSize, threadCount: threadCount))
    draft.deeds.append(.encode(node, representation))
    create(.encoded(node, representation), pass: pass, in: &draft)
  }
}

// MARK: - Backward

extension ScheduleAssembler {
  /// Adds the backward pass at `pass`, together with that of the node before if this is a rectifier
  /// whose work that node can do, and returns how many passes these were.
  private mutating func addBackward(_ id: NodeID, pass: Int) -> Int {
    let fused = nodeFusing(rectifier: id, pass: pass)
    let ids = [id] + (fused.map { [$0] } ?? [])
    let needed = ids.flatMap { network.neededItems(of: $0, plan.representations) }
    let decoded = decode(needed, pass: pass)
    var draft = Draft(deeds: [])
    for (offset, id) in ids.enumerated() { addGradients(of: id, pass: pass + offset, in: &draft) }
    drafts.append(draft)

    var finished = decoded
    finished += ids.map { .gradient($0) }.filter { storageOf[$0] != nil }
    for item in needed
    where item != .value(Network.input) && isDead(item, after: pass + ids.count - 1)
      && !finished.contains(item)
    {
      finished.append(item)
    }
    releaseAll(finished)
    return ids.count
  }

  /// Adds the recovery of a node's input, and returns how many passes these were: one.
  private mutating func addInversion(_ id: NodeID, pass: Int) -> Int {
    let node = network.nodes[id]
    guard let input = network.recoveredInput(of: id) else { return 1 }
    var draft = Draft(deeds: [.invert(id)])
    draft.scratchByteCount = node.operation.scratchByteCount(
      .forward, node.shapes(batchSize: batchSize), threadCount: threadCount)
    if isDead(.value(id), after: pass), node.inputShapes[0] == node.outputShape {
      handOver(.value(id), to: .value(input), pass: pass, in: &draft)
    } else {
      create(.value(input), pass: pass, in: &draft)
    }
    drafts.append(draft)
    let read = network.itemsForInversion(of: id).filter { $0 != .value(Network.input) }
    release(read, after: pass)
    return 1
  }

  /// The node that the next pass runs backward, if it can do the work of this rectifier.
  private func nodeFusing(rectifier id: NodeID, pass: Int) -> NodeID? {
    guard pass + 1 < liveness.passes.count, case .backward(let node) = liveness.passes[pass + 1],
      network.fusedRectifier(of: node, in: .backward) == id,
      // The node tells the rectifier's side from its input, which must be what it was.
      !plan.representations[node].contains(where: { $0.kind == .quantized })
    else { return nil }
    return node
  }

  /// Adds a node's backward deed and the memory of the gradients that it makes.
  private mutating func addGradients(of id: NodeID, pass: Int, in draft: inout Draft) {
    let node = network.nodes[id]
    let operation = node.operation
    let shapes = node.shapes(batchSize: batchSize)
    let inputs = network.gradientInputs(of: id)
    draft.deeds.append(.backward(id))
    draft.scratchByteCount = max(
      draft.scratchByteCount,
      operation.scratchByteCount(
        .backward(
          network.demands[id],
          residuals: plan.representations[id].map { $0.isDecoded ? .whole : $0 }), shapes,
        threadCount: threadCount))
    for input in inputs where storageOf[.gradient(input)] == nil {
      if let source = gradientStorage(operation.inputGradientMayOverwrite(shapes), id, pass) {
        handOver(source, to: .gradient(input), pass: pass, in: &draft)
      } else {
        create(.gradient(input), pass: pass, in: &draft)
      }
    }
  }

  /// Rebuilds the values that wait encoded, and returns them.
  private mutating func decode(_ needed: [Item], pass: Int) -> [Item] {
    var decoded: [Item] = []
    for case .encoded(let value, let representation) in needed
    where representation.isDecoded && storageOf[.value(value)] == nil {
      var draft = Draft(deeds: [.decode(value, representation)])
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
