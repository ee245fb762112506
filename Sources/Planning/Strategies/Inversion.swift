import Networks
import Schedules

/// What a network's backward pass can recover from values that it has anyway.
///
/// Two shapes of network allow it. A normalisation with an invertible rectifier behind it: its input
/// follows from the rectifier's output, which the next convolution keeps (Rota Bulò, Porzi and
/// Kontschieder 2018, arXiv 1712.02616). And an additive coupling, a sum of one stream and a function
/// of the other: the stream follows from the sum and the function, computed anew (Gomez and others
/// 2017, arXiv 1707.04585).
struct Inversion {
  /// The rectifiers that are inverted, with the node before each, which is inverted next.
  let rectifiers: [NodeID: NodeID]
  /// The sums that are inverted, with the nodes that compute what was added, in order.
  let couplings: [NodeID: [NodeID]]
  /// In which representations values wait.
  let representations: [[Representation]]

  /// The relative error of all gradients together that recovering values causes by rounding, at
  /// most: resnet18-leaky and revnet err by about 10⁻⁶ at the start of training.
  static let roundingError = 1e-4

  private let network: Network

  init(_ network: Network) {
    self.network = network
    representations = network.leanRepresentations(wholeValues: [], reduced: [:])
    let branches = Branches(network)
    var couplings: [NodeID: [NodeID]] = [:]
    for node in network.nodes { couplings[node.id] = branches.ofCoupling(node) }
    let anew = Set(couplings.values.joined())
    var rectifiers: [NodeID: NodeID] = [:]
    for node in network.nodes where !anew.contains(node.id) {
      guard node.operation.rectifierSlope != nil, node.invertibleInput != nil,
        representations[node.id].first == .whole, let before = node.inputs.first,
        network.readers[before] == [node.id], network.nodes[before].inputs.count == 1,
        let input = network.recoveredInput(of: before), input != Network.input,
        network.readers[input] == [before]
      else { continue }
      rectifiers[node.id] = before
    }
    self.couplings = couplings
    self.rectifiers = rectifiers
  }

  /// Whether there is anything to recover.
  var isEmpty: Bool { rectifiers.isEmpty && couplings.isEmpty }

  /// The values that are recovered instead of being kept.
  var recoveredValues: Set<NodeID> {
    Set((Array(rectifiers.values) + couplings.keys).compactMap { network.recoveredInput(of: $0) })
  }

  /// The passes of a step.
  ///
  /// A rectifier is inverted when its own backward pass has read its output, a sum as soon as the
  /// readers behind it have run backward, so that what is recovered can take over the memory.
  var plan: Plan {
    var passes = network.nodes.map { Plan.Pass.forward($0.id) }
    let inverted = Set(rectifiers.values)
    for node in network.backwardOrder {
      if let branch = couplings[node] {
        passes += branch.map { .forward($0) } + [.invert(node)]
      }
      if inverted.contains(node) { passes.append(.invert(node)) }
      passes.append(.backward(node))
      if rectifiers[node] != nil { passes.append(.invert(node)) }
    }
    return Plan(passes: passes, representations: representations)
  }
}
