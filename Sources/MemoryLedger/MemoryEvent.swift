/// One entry of a ledger's event log; a plain value.
public struct MemoryEvent: Sendable {
  /// What happened.
  public enum Action: Sendable {
    /// A block was granted.
    case allocate
    /// A block was freed.
    case free
    /// A request was refused.
    case refuse
  }

  /// The place of the event among all events of the ledger, from 0, lost ones included.
  public let sequence: Int
  /// Nanoseconds since the ledger was made.
  public let nanoseconds: UInt64
  /// What happened.
  public let action: Action
  /// The address of the block; 0 for a refused request.
  public let address: UInt
  /// The requested bytes.
  public let byteCount: Int
  /// The usable bytes; 0 for a refused request.
  public let usableByteCount: Int
  /// What the block is for.
  public let category: MemoryCategory
  /// Who holds the block.
  public let owner: MemoryOwner
  /// What the step was doing.
  public let phase: StaticString
  /// The requested bytes of all categories that stood after the event.
  public let totalAfter: Int
}

/// The latest events of a ledger, in their order, and how many earlier ones were lost.
public struct MemoryEventLog: Sendable {
  /// The events that the log still holds, oldest first.
  public let events: [MemoryEvent]
  /// The number of events that were overwritten because the log was full.
  public let lostCount: Int
}
