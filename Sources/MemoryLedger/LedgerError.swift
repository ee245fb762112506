/// Why a ledger cannot be made.
public enum LedgerError: Error, Equatable, CustomStringConvertible {
  /// jemalloc refused to create an arena: 4,095 is its limit, and a ledger takes 7.
  case noMoreArenas
  /// The system has no memory for the ledger's arenas.
  case outOfMemory

  /// One sentence that says what was wrong and what would be right.
  public var description: String {
    switch self {
    case .noMoreArenas:
      "jemalloc has no arena left for another ledger; let ledgers that are no longer needed go"
    case .outOfMemory:
      "the system has no memory left for another ledger; raise the limit of the process, or ask for "
        + "less"
    }
  }
}
