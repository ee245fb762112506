import Networks

/// When each product of a plan's passes is read for the last time.
///
/// Recomputations whose products nobody reads are left out of `passes`.
struct Liveness {
  /// One product of one pass.
  struct Product: Hashable {
    let pass: Int
    let item: Item
  }

  /// What happens to a product.
  struct Life {
    /// The index of the last pass that reads it; that of its own pass if none does.
    var lastRead: Int
    /// Whether it is held for the backward pass: a backward pass reads it or lies in between.
    var isHeld: Bool
  }

  /// The passes that are left, in order.
  private(set) var passes: [Plan.Pass] = []
  /// For each of them, whether the node ran before.
  private(set) var isRecomputation: [Bool] = []
  /// The products that some later pass reads.
  private(set) var lives: [Product: Life] = [:]

  init(_ plan: Plan, network: Network) {
    let encodings = network.encodings(plan.representations)
    let kept = Liveness.usefulPasses(plan, network: network, encodings: encodings)
    var seen = Set<NodeID>()
    for pass in kept {
      passes.append(pass)
      if case .forward(let node) = pass {
        isRecomputation.append(!seen.insert(node).inserted)
      } else {
        isRecomputation.append(false)
      }
    }
    trace(plan.representations, network: network, encodings: encodings)
  }

  /// Drops recomputations whose products no later pass reads, going backwards.
  private static func usefulPasses(
    _ plan: Plan, network: Network, encodings: [NodeID: [Representation]]
  ) -> [Plan.Pass] {
    var runsLeft: [NodeID: Int] = [:]
    for case .forward(let node) in plan.passes { runsLeft[node, default: 0] += 1 }
    var wanted = Set<Item>()
    var kept: [Plan.Pass] = []
    for pass in plan.passes.reversed() {
      switch pass {
      case .backward(let node):
        wanted.formUnion(network.neededItems(of: node, plan.representations))
      case .invert(let node):
        guard let input = network.recoveredInput(of: node), wanted.remove(.value(input)) != nil
        else { continue }
        wanted.formUnion(network.itemsForInversion(of: node))
      case .forward(let node):
        runsLeft[node, default: 0] -= 1
        let isFirst = runsLeft[node] == 0
        let wantedProducts = network.products(of: node, encodings, isFirst: isFirst)
          .filter(wanted.contains)
        guard isFirst || !wantedProducts.isEmpty else { continue }
        wanted.subtract(wantedProducts)
        wanted.formUnion(network.nodes[node].inputs.map { .value($0) })
      }
      kept.append(pass)
    }
    return kept.reversed()
  }

  private mutating func trace(
    _ representations: [[Representation]], network: Network,
    encodings: [NodeID: [Representation]]
  ) {
    var producer: [Item: Int] = [:]
    var lastBackward = -1
    for (index, pass) in passes.enumerated() {
      let reads: [Item]
      switch pass {
      case .forward(let node): reads = network.nodes[node].inputs.map { .value($0) }
      case .backward(let node):
        reads = network.neededItems(of: node, representations)
        lastBackward = index
      case .invert(let node):
        reads = network.itemsForInversion(of: node)
        lastBackward = index
      }
      for item in reads where item != .value(Network.input) {
        guard let origin = producer[item] else { continue }
        let product = Product(pass: origin, item: item)
        var life = lives[product] ?? Life(lastRead: index, isHeld: false)
        life.lastRead = index
        life.isHeld = life.isHeld || lastBackward > origin
        lives[product] = life
      }
      switch pass {
      case .forward(let node):
        let isFirst = !isRecomputation[index]
        for item in network.products(of: node, encodings, isFirst: isFirst) {
          producer[item] = index
        }
      case .invert(let node):
        if let input = network.recoveredInput(of: node) { producer[.value(input)] = index }
      case .backward: break
      }
    }
  }
}

extension Network {
  /// For every value, the other representations in which some backward pass wants it.
  fileprivate func encodings(_ representations: [[Representation]]) -> [NodeID: [Representation]] {
    var encodings: [NodeID: [Representation]] = [:]
    for node in nodes {
      for case .encoded(let value, let representation) in neededItems(of: node.id, representations)
      where encodings[value]?.contains(representation) != true {
        encodings[value, default: []].append(representation)
      }
    }
    return encodings
  }

  /// Everything that a forward pass can yield.
  ///
  /// A value goes to its file when it is there for the first time: it takes no memory there, and
  /// once reading back has begun nothing is written any more.
  fileprivate func products(
    of node: NodeID, _ encodings: [NodeID: [Representation]], isFirst: Bool
  ) -> [Item] {
    let shapes = nodes[node].shapes(batchSize: 1)
    return [.value(node)]
      + nodes[node].operation.ownResiduals(shapes).indices.map { .residual(node, $0) }
      + (encodings[node] ?? []).filter { isFirst || $0.kind != .spilled }
      .map { .encoded(node, $0) }
  }
}
