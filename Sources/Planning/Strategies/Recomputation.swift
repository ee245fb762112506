import Networks
import Schedules

/// What is computed anew in the backward pass instead of being kept.
public enum Recomputation: Hashable, Sendable {
  /// Nothing.
  case none
  /// All but the last of this many equal segments; the first value of each is kept (Chen and others
  /// 2016, arXiv 1604.06174, section 4).
  case segments(Int)
  /// As `segments`, with the square root of the number of nodes between which the network can be cut.
  case squareRoot
  /// As little as this many slots allow, each for the value that one stage starts from; a stage is
  /// what lies between two nodes at which the network can be cut (`Revolve`).
  case revolve(slots: Int)
  /// As `revolve`, with slots that may also hold all that one stage keeps (`MixedCheckpointing`).
  case mixed(slots: Int)
  /// What takes the least time that this budget for activations, transients and workspace allows.
  case optimal(budget: StepBudget)

  /// Requires a slot, for the value that the first stage starts from.
  func check(slots: Int) throws(ScheduleError) {
    guard slots >= 1 else {
      throw ScheduleError("\(Strategy(recomputation: self)) must have at least 1 slot")
    }
  }

  /// The ranges of nodes that the network is divided into, if into segments that each run once more.
  ///
  /// - Throws: `ScheduleError` if the network cannot be divided into so many.
  func segments(of network: Network) throws(ScheduleError) -> [Range<NodeID>] {
    switch self {
    case .none, .revolve, .mixed, .optimal:
      return [network.nodes.indices]
    case .squareRoot:
      let stageCount = network.cutPoints.count + 1
      return network.divided(into: Int(Double(stageCount).squareRoot().rounded()))
    case .segments(let count):
      let most = network.cutPoints.count + 1
      guard count >= 1 else {
        throw ScheduleError("checkpoint:\(count) must have at least 1 segment")
      }
      guard count <= most else {
        throw ScheduleError(
          "checkpoint:\(count) has too many segments: \(network.name) can be divided into at most "
            + "\(most)")
      }
      return network.divided(into: count)
    }
  }
}

extension Network {
  /// The nodes behind which the network can be cut, so that only their value crosses.
  ///
  /// A value that its reader would overwrite is none: to keep it would cost more than to keep what
  /// the reader makes of it.
  var cutPoints: [NodeID] {
    var lastReader = nodes.indices.map { readers[$0].last ?? $0 }
    lastReader[Network.input] = Network.input
    var points: [NodeID] = []
    var furthest = 0
    // What nobody reads, such as a loss, does not cross.
    for node in nodes where node.id != Network.input && !readers[node.id].isEmpty {
      // `furthest` is the last reader of any earlier value.
      let isOverwritten = readers[node.id].contains { reader in
        let operation = nodes[reader].operation
        let shapes = nodes[reader].shapes(batchSize: 1)
        return !residualReads[reader].contains { $0.need.source == .input(0) }
          && operation.outputMayOverwrite(shapes).contains {
            nodes[reader].inputs[$0] == node.id
          }
      }
      if furthest <= node.id, !isOverwritten, !nodes[lastReader[node.id]].operation.isLoss {
        points.append(node.id)
      }
      furthest = max(furthest, lastReader[node.id])
    }
    return points
  }

  /// Divides the nodes into segments of about equal numbers of them, at cut points; of cut points
  /// that are about as near to where a segment should end, the one with the smallest value.
  ///
  /// There may be at most one segment more than there are cut points.
  func divided(into count: Int) -> [Range<NodeID>] {
    let points = cutPoints
    var bounds = [0]
    var next = 0
    for boundary in 1..<max(1, count) {
      let ideal = Double(boundary * nodes.count) / Double(count)
      // Leave a cut point for each boundary that is still to come.
      let last = points.count - (count - boundary)
      let distances = (next...last).map { abs(Double(points[$0] + 1) - ideal) }
      let nearest = distances.min() ?? 0
      let near = (next...last).filter { distances[$0 - next] <= nearest + 1 }
      let best = near.min { a, b in
        nodes[points[a]].outputShape.elementCount < nodes[points[b]].outputShape.elementCount
      }
      guard let best else { break }
      bounds.append(points[best] + 1)
      next = best + 1
    }
    bounds.append(nodes.count)
    return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
  }

  /// The plan that runs all segments but the last a second time.
  func plan(
    recomputing segments: [Range<NodeID>], approximation: Approximation?, batchSize: Int
  ) -> Plan {
    Plan(
      passes: passes(recomputing: segments),
      representations: leanRepresentations(
        wholeValues: Set(segments.dropLast().map { $0.upperBound - 1 }),
        approximation: approximation, batchSize: batchSize))
  }

  /// All forward passes, then, from the last segment to the first, its forward passes again but for
  /// the last segment, and its backward passes.
  func passes(recomputing segments: [Range<NodeID>]) -> [Plan.Pass] {
    var passes = nodes.map { Plan.Pass.forward($0.id) }
    for (index, segment) in segments.enumerated().reversed() {
      if index < segments.count - 1 {
        // The value at the segment's end is still there; its node runs again only for what it
        // leaves behind.
        let boundary = nodes[segment.upperBound - 1]
        let leavesResiduals = !boundary.operation.ownResiduals(boundary.shapes(batchSize: 1))
          .isEmpty
        let rerun = leavesResiduals ? segment : segment.dropLast()
        passes += rerun.map { .forward($0) }
      }
      passes += segment.reversed().filter { requiresGradient[$0] }.map { .backward($0) }
    }
    return passes
  }
}
