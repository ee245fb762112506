import Networks

/// A step as plain data: every action in order, with what it does to memory.
///
/// All ways of keeping activations are different schedules for the same execution.
public struct Schedule: Sendable {
  /// The network that is run.
  public let network: Network
  /// The number of samples of a step.
  public let batchSize: Int
  /// The number of equal parts of the batch that run one after the other, forward and backward;
  /// their gradients are added up.
  public let partCount: Int
  /// The number of threads that scratch is booked for.
  public let threadCount: Int
  /// Training or inference.
  public let mode: Mode
  /// The actions in order.
  public let actions: [Action]
  /// For every node, in which representation its backward pass finds what it needs.
  public let representations: [[Representation]]

  /// The number of samples that run at once.
  public var partBatchSize: Int { batchSize / partCount }

  /// The number of actions of one part of the batch.
  public var partActionCount: Int { actions.count / partCount }

  /// Whether an action belongs to the backward pass of its part.
  public func isBackward(actionIndex: Int) -> Bool {
    actionIndex % max(1, partActionCount) >= backwardStart
  }

  /// The index of the first action of the backward pass of the first part; the number of actions if
  /// there is none.
  public var backwardStart: Int {
    actions.firstIndex { action in
      if case .backward = action.deeds.first { return true }
      return false
    } ?? actions.count
  }

  /// The arithmetic of recomputed forward passes over that of one forward pass.
  public var recomputedFLOPsFraction: Double {
    func flops(_ node: NodeID) -> Double {
      Double(network.nodes[node].operation.forwardFLOPs(network.nodes[node].shapes(batchSize: 1)))
    }
    let recomputed = actions.lazy.flatMap(\.deeds).reduce(0.0) { sum, deed in
      if case .recompute(let node) = deed { return sum + flops(node) }
      return sum
    }
    return recomputed / Double(partCount) / network.nodes.reduce(0.0) { $0 + flops($1.id) }
  }
}
