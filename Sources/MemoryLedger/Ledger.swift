import Threads

/// The account of every byte: who took how much of which category, when, and what stood at the peak.
///
/// Blocks come from jemalloc, from one arena a category, so that jemalloc's own statistics can
/// confirm each category. The ledger counts requested bytes exactly, may be used and read from any
/// thread, and in optimised builds allocates nothing while it records.
public final class Ledger: Sendable {
  /// The names of the owners, by ``MemoryOwner/index``.
  public let ownerNames: [String]
  /// The most bytes that may stand at once.
  public let limits: MemoryLimits

  let arenas: ArenaSet
  /// False only to measure what recording costs: then blocks are handed out and nothing is counted.
  let isRecording: Bool
  let state: Locked<LedgerState>

  /// Creates a ledger, with an arena for each category.
  ///
  /// Allocates its tables and its event log, here and never again: about 130 bytes an owner and 100
  /// bytes an event.
  ///
  /// - Parameters:
  ///   - ownerNames: The names of those who will hold blocks, such as the layers of a network.
  ///   - limits: The most bytes that may stand at once.
  ///   - eventCapacity: How many of the latest events are kept; 0 keeps none and is fastest.
  /// - Throws: ``LedgerError/noMoreArenas`` if more than about 580 ledgers are alive,
  ///   ``LedgerError/outOfMemory`` if the system has no memory for one more.
  public convenience init(
    ownerNames: [String] = [], limits: MemoryLimits = MemoryLimits(), eventCapacity: Int = 0
  ) throws(LedgerError) {
    try self.init(
      ownerNames: ownerNames, limits: limits, eventCapacity: eventCapacity, isRecording: true)
  }

  /// Creates a ledger that may be told not to record, to measure what recording costs.
  package init(
    ownerNames: [String], limits: MemoryLimits, eventCapacity: Int, isRecording: Bool
  ) throws(LedgerError) {
    precondition(eventCapacity >= 0, "an event log cannot hold \(eventCapacity) events")
    arenas = try ArenaSet.take()
    self.ownerNames = ownerNames
    self.limits = limits
    self.isRecording = isRecording
    state = Locked(LedgerState(ownerCount: ownerNames.count, eventCapacity: eventCapacity))
  }

  deinit {
    // Every block keeps its ledger alive, so none is left.
    arenas.giveBack()
  }

  /// Names what is being done from now on, for events and errors: a word such as "forward".
  public func setPhase(_ phase: StaticString) {
    state.withLock { $0.phase = phase }
  }
}
