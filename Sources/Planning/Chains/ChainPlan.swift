/// Actions of a chain, with what they cost and take.
package struct ChainPlan: Hashable, Sendable {
  /// The actions in order.
  package let actions: [ChainAction]
  /// The cost of all passes.
  package let cost: Double
  /// The most memory that stands during an action.
  package let peakByteCount: Int

  /// Follows actions that are known to be well formed.
  init(_ actions: [ChainAction], of chain: Chain) {
    do {
      let simulation = try ChainSimulation(actions, of: chain)
      self.actions = actions
      cost = simulation.cost
      peakByteCount = simulation.peakByteCount
    } catch {
      preconditionFailure("a planner makes schedules that run: \(error)")
    }
  }
}

extension Chain {
  /// Keeps every stage's tape of the given number; the last tape where there are fewer.
  package func storingAll(option: Int = 0) -> [ChainAction] {
    stages.indices.map { .tape($0, option: min(option, stages[$0].tapes.count - 1)) } + [.loss]
      + stages.indices.reversed().map { .backward($0) }
  }
}
