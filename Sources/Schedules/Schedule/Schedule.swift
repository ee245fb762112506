import Networks

/// One run of a network over a batch as plain data: every action in order, with what it does to
/// memory.
///
/// All ways of keeping activations are different schedules for the same execution. A run begins with
/// nothing in memory but its input, and leaves nothing behind.
public struct Schedule: Sendable {
  /// The network that is run.
  public let network: Network
  /// The number of samples that run at once.
  public let batchSize: Int
  /// The number of threads that scratch is booked for.
  public let threadCount: Int
  /// Training or inference.
  public let mode: Mode
  /// The actions in order.
  public let actions: [Action]
  /// For every node, in which representation its backward pass finds what it needs.
  public let representations: [[Representation]]

  /// The index of the first action of the backward pass; the number of actions if there is none.
  public var backwardStart: Int {
    actions.firstIndex { action in
      if case .backward = action.deeds.first { return true }
      return false
    } ?? actions.count
  }

  /// The arithmetic of recomputed forward passes, for one sample.
  var recomputedFLOPs: Double {
    actions.lazy.flatMap(\.deeds).reduce(0.0) { sum, deed in
      if case .recompute(let node) = deed { return sum + forwardFLOPs(of: node) }
      return sum
    }
  }

  /// The arithmetic of one forward pass, for one sample.
  var forwardFLOPs: Double {
    network.nodes.reduce(0.0) { $0 + forwardFLOPs(of: $1.id) }
  }

  private func forwardFLOPs(of node: NodeID) -> Double {
    Double(network.nodes[node].operation.forwardFLOPs(network.nodes[node].shapes(batchSize: 1)))
  }
}
