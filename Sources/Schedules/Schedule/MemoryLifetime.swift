import MemoryLedger
import Networks

/// A piece of memory of a schedule, from its creation to its release.
package struct MemoryLifetime: Sendable {
  /// The category that it is counted in.
  package let category: MemoryCategory
  /// The node that it is counted for.
  package let owner: NodeID
  /// The requested bytes.
  package let byteCount: Int
  /// The action that takes it: it is there from then on.
  package let start: Int
  /// The action that gives it back: it is there no more; the number of actions if none does.
  package fileprivate(set) var end: Int
  /// What it holds, each item together with the action behind which it does; the first from `start` on.
  package fileprivate(set) var items: [(item: Item, since: Int)]

  /// Whether it is there between an action and the one before.
  package func stands(before action: Int) -> Bool { start < action && action <= end }

  /// What it holds before an action, if it is there.
  package func item(before action: Int) -> Item? {
    stands(before: action) ? items.last { $0.since < action }?.item : nil
  }
}

extension Schedule {
  /// All pieces of memory in the order in which they are taken: the one place where a schedule's memory is
  /// followed, but for the validator, and for the executor that takes it.
  package var lifetimes: [MemoryLifetime] {
    var lifetimes: [MemoryLifetime] = []
    var holders: [Item: Int] = [:]
    for (index, action) in actions.enumerated() {
      for creation in action.creates {
        holders[creation.item] = lifetimes.count
        lifetimes.append(
          MemoryLifetime(
            category: creation.category, owner: creation.owner,
            byteCount: byteCount(of: creation.item), start: index, end: actions.count,
            items: [(creation.item, index)]))
      }
      for handOver in action.handsOver {
        guard let holder = holders.removeValue(forKey: handOver.from) else { continue }
        holders[handOver.to] = holder
        lifetimes[holder].items.append((handOver.to, index))
      }
      for item in action.releases {
        if let holder = holders.removeValue(forKey: item) { lifetimes[holder].end = index }
      }
    }
    return lifetimes
  }

  /// The requested bytes of an item.
  package func byteCount(of item: Item) -> Int {
    network.byteCount(of: item, batchSize: batchSize)
  }

  /// The pieces of category `activations` that stand at the end of the forward pass, by the nodes that
  /// they are counted for, and what they hold then.
  package var savedItems: [[(item: Item, byteCount: Int)]] {
    var saved = [[(item: Item, byteCount: Int)]](repeating: [], count: network.nodes.count)
    let end = backwardStart
    for lifetime in lifetimes where lifetime.category == .activations {
      guard let item = lifetime.item(before: end) else { continue }
      saved[lifetime.owner].append((item, lifetime.byteCount))
    }
    return saved
  }

  /// The bytes that each node has in category `activations` at the end of the forward pass.
  public var savedByteCounts: [Int] {
    savedItems.map { $0.reduce(0) { $0 + $1.byteCount } }
  }
}
