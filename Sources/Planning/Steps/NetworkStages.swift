import Networks
import Schedules

/// A network as a chain of stages, cut wherever a single value crosses.
///
/// The last stage ends with the loss. What lies between two cut points, shortcuts included, is one
/// stage.
struct NetworkStages {
  let network: Network
  /// The nodes of each stage; the input's node belongs to the first.
  let stages: [Range<NodeID>]

  /// Cuts a network wherever it can be.
  init(_ network: Network) {
    self.init(network, cutBehind: network.allCutPoints)
  }

  /// Cuts a network behind some of its cut points.
  init(_ network: Network, cutBehind points: [NodeID]) {
    self.network = network
    let bounds = [0] + points.map { $0 + 1 } + [network.nodes.count]
    stages = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
  }

  /// Several ways to cut a network, from finely to coarsely.
  ///
  /// Where a stage's lean tape is kept, the values at its ends wait and those within do not have to:
  /// longer stages can keep less, and shorter ones run with less.
  static func divisions(of network: Network) -> [NetworkStages] {
    let fine = network.allCutPoints
    func isEven(_ point: NodeID) -> Bool { fine.firstIndex(of: point)?.isMultiple(of: 2) == true }
    let choices = [
      fine, fine.filter(isEven), fine.filter { !isEven($0) }, network.cutPoints,
    ]
    var seen = Set<[NodeID]>()
    return choices.filter { !$0.isEmpty && seen.insert($0).inserted }.map {
      NetworkStages(network, cutBehind: $0)
    }
  }

  /// The node whose value a stage reads; nil for the first, which reads the network's input.
  func inputNode(of stage: Int) -> NodeID? {
    stage == 0 ? nil : stages[stage].lowerBound - 1
  }

  /// What a chain's actions are for the network.
  ///
  /// - Parameters:
  ///   - actions: The actions of a chain.
  ///   - stageCount: The number of the chain's stages; the network's stages behind them run, forward
  ///     and backward, with the loss.
  ///   - approximation: How values are kept that can be read inexactly; nil to keep them whole.
  ///   - batchSize: The number of samples.
  /// - Returns: The plan. Values that a checkpoint is made of are whole in it.
  func plan(
    _ actions: [ChainAction], stageCount: Int, approximation: Approximation?, batchSize: Int
  ) -> Plan {
    var passes: [Plan.Pass] = []
    var checkpoints = Set<NodeID>()
    var leanStages = Set<Int>()
    for action in actions {
      switch action {
      case .tape(let stage, let option):
        if option > 0 { leanStages.insert(stage) } else { leanStages.remove(stage) }
        passes += forward(stage)
      case .checkpoint(let stage):
        if let node = inputNode(of: stage) { checkpoints.insert(node) }
        passes += forward(stage)
      case .advance(let stage):
        passes += forward(stage)
      case .loss:
        for stage in stageCount..<max(stageCount, stages.count) { passes += forward(stage) }
        for stage in (stageCount..<max(stageCount, stages.count)).reversed() {
          passes += backward(stage)
        }
      case .backward(let stage):
        passes += leanStages.contains(stage) ? leanBackward(stage) : backward(stage)
      }
    }
    return Plan(
      passes: passes,
      representations: network.leanRepresentations(
        wholeValues: checkpoints, approximation: approximation, batchSize: batchSize))
  }

  private func forward(_ stage: Int) -> [Plan.Pass] { stages[stage].map { .forward($0) } }

  private func backward(_ stage: Int) -> [Plan.Pass] {
    stages[stage].reversed().filter { network.requiresGradient[$0] }.map { .backward($0) }
  }
}

// MARK: - Lean tapes

extension NetworkStages {
  /// The most arithmetic an element of the output that a node of which the output is cheap to
  /// compute anew may take: passes over memory, as of normalisations and rectifiers, stay below it.
  private static let cheapFLOPs = 16

  /// Whether a node's value is made anew before the backward passes that read it, where a stage's
  /// lean tape is kept; the value that the stage hands on is never.
  private func isCheap(_ node: NodeID, in stage: Int) -> Bool {
    guard node != Network.input, node != stages[stage].upperBound - 1 else { return false }
    let shapes = network.nodes[node].shapes(batchSize: 1)
    return network.nodes[node].operation.forwardFLOPs(shapes)
      <= NetworkStages.cheapFLOPs * shapes.outputElementCount
  }

  /// The nodes that run again in the backward pass of a stage of which the lean tape is kept.
  func rerunNodes(of stage: Int) -> [NodeID] {
    leanBackward(stage).compactMap { pass in
      if case .forward(let node) = pass { node } else { nil }
    }
  }

  /// The backward passes of a stage, and before each the forward passes that make what it reads from
  /// what is expensive to compute.
  private func leanBackward(_ stage: Int) -> [Plan.Pass] {
    var passes: [Plan.Pass] = []
    var isThere = Set<NodeID>()
    for pass in backward(stage) {
      guard case .backward(let node) = pass else { continue }
      for value in network.residualReads[node].compactMap(\.value) {
        remake(value, in: stage, &isThere, &passes)
      }
      passes.append(pass)
    }
    return passes
  }

  private func remake(
    _ node: NodeID, in stage: Int, _ isThere: inout Set<NodeID>, _ passes: inout [Plan.Pass]
  ) {
    guard stages[stage].contains(node), isCheap(node, in: stage), !isThere.contains(node) else {
      return
    }
    for input in network.nodes[node].inputs { remake(input, in: stage, &isThere, &passes) }
    isThere.insert(node)
    passes.append(.forward(node))
  }
}

extension Network {
  /// All nodes behind which the network can be cut, so that only their value crosses.
  ///
  /// Besides `cutPoints` these are values that a reader would overwrite but that the backward pass
  /// reads anyway, such as the one that a block begins with whose shortcut is the value itself.
  fileprivate var allCutPoints: [NodeID] {
    let representations = leanRepresentations(
      wholeValues: [], approximation: nil, batchSize: 1)
    let read = Set(nodes.flatMap { neededItems(of: $0.id, representations) })
    var points = Set(cutPoints)
    // The last reader of any earlier value; the input is there all the time.
    var furthest = 0
    for node in nodes where node.id != Network.input && !readers[node.id].isEmpty {
      let lastReader = readers[node.id].last ?? node.id
      if furthest <= node.id, read.contains(.value(node.id)), !nodes[lastReader].operation.isLoss {
        points.insert(node.id)
      }
      furthest = max(furthest, lastReader)
    }
    return points.sorted()
  }
}
