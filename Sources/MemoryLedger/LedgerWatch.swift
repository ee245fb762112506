import Synchronization
import Threads

/// A joint account over all ledgers that one task and its child tasks allocate from.
///
/// It follows a ledger from the first request that the task makes of it; what stands in the ledger
/// then counts, and so does from then on what anyone does with that ledger. Only tests use this.
package final class LedgerWatch: Sendable {
  /// The account that the running task's requests belong to.
  @TaskLocal package static var current: LedgerWatch?

  /// The categories whose joint peak is looked for.
  package let watched: MemoryCategorySet

  private let parent: LedgerWatch?
  private let whileAttaching: @Sendable (_ begins: Bool) -> Void
  private let state = Locked(State())

  private static let activeCount = Atomic<Int>(0)

  private struct State {
    var ledgers: [Ledger] = []
    var isShared = false
    var hasEnded = false
    var level = CategoryBytes()
    var peaks = CategoryBytes()
    var watchedPeak = 0
    var levelAtPeak = CategoryBytes()

    mutating func raise(watching watched: MemoryCategorySet) {
      peaks.raise(to: level)
      let watchedLevel = level.sum(of: watched)
      if watchedLevel > watchedPeak {
        watchedPeak = watchedLevel
        levelAtPeak = level
      }
    }
  }

  /// Begins to watch; nothing is followed until a task has this as its ``current`` account.
  ///
  /// - Parameters:
  ///   - categories: The categories whose joint peak is looked for.
  ///   - whileAttaching: Called on the allocating thread before and after the account allocates for
  ///     itself, so that another instrument can leave that out.
  package init(
    watching categories: MemoryCategorySet,
    whileAttaching: @escaping @Sendable (_ begins: Bool) -> Void
  ) {
    watched = categories
    parent = Self.current
    self.whileAttaching = whileAttaching
    Self.activeCount.add(1, ordering: .sequentiallyConsistent)
  }

  /// Whether any account is open: the only question that a ledger asks when there is none.
  static var isAnyActive: Bool { activeCount.load(ordering: .relaxed) != 0 }

  /// Follows a ledger, under whose lock this is called, from now on, if not already.
  func attach(_ ledger: Ledger, state: inout LedgerState) {
    if state.watches.contains(where: { $0.watch === self }) { return }
    whileAttaching(true)
    defer { whileAttaching(false) }
    for entry in state.watches where !entry.watch.isAround(self) && !isAround(entry.watch) {
      entry.watch.markShared()
      markShared()
    }
    let level = state.bytes
    let isFollowing = self.state.withLock { own in
      if own.hasEnded { return false }
      own.ledgers.append(ledger)
      for category in MemoryCategory.allCases { own.level[category] += level[category] }
      own.raise(watching: watched)
      return true
    }
    if isFollowing { state.join(self) }
    parent?.attach(ledger, state: &state)
  }

  func rise(_ category: MemoryCategory, by byteCount: Int) {
    state.withLock { own in
      own.level[category] += byteCount
      own.raise(watching: watched)
    }
  }

  func fall(_ category: MemoryCategory, by byteCount: Int) {
    state.withLock { $0.level[category] -= byteCount }
  }

  /// Ends the account, once, and says what it saw.
  package func end() -> LedgerWatchReport {
    Self.activeCount.subtract(1, ordering: .sequentiallyConsistent)
    let seen = state.withLock { own in
      own.hasEnded = true
      return own
    }
    // Ledgers lock before accounts do, so no ledger may be asked under this account's lock.
    var owners: [OwnerBytes] = []
    for ledger in seen.ledgers {
      let standing = ledger.state.withLock { $0.leave(self, ownerNames: ledger.ownerNames) }
      owners += standing?.owners ?? []
    }
    return LedgerWatchReport(
      ledgerCount: seen.ledgers.count, isShared: seen.isShared, peak: seen.watchedPeak,
      peaks: seen.peaks, atPeak: seen.levelAtPeak, owners: owners)
  }

  private func markShared() {
    state.withLock { $0.isShared = true }
  }

  private func isAround(_ other: LedgerWatch) -> Bool {
    var outer = other.parent
    while let next = outer {
      if next === self { return true }
      outer = next.parent
    }
    return false
  }
}

/// What a joint account saw, in requested bytes.
package struct LedgerWatchReport: Sendable {
  /// How many ledgers the task allocated from.
  package let ledgerCount: Int
  /// Whether a task of another account allocated from one of the ledgers meanwhile.
  package let isShared: Bool
  /// The highest joint level of the watched categories.
  package let peak: Int
  /// The highest level of each category, each at its own moment.
  package let peaks: CategoryBytes
  /// The level of each category when the watched ones were highest.
  package let atPeak: CategoryBytes
  /// The owners that held anything when the watched categories of their ledger were highest.
  package let owners: [OwnerBytes]
}
