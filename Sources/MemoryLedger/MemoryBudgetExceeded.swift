/// A request for memory that was refused: what was asked for, what stood in the way, who holds it.
public struct MemoryBudgetExceeded: Error, Equatable, Sendable {
  /// What stood in the way.
  public enum Cause: Equatable, Sendable {
    /// The limit of the request's category, in bytes.
    case categoryLimit(Int)
    /// The limit of all categories together, in bytes.
    case totalLimit(Int)
    /// The system had no more memory.
    case outOfMemory
    /// A test asked for this failure.
    case injected
  }

  /// A row of the table by category.
  public struct CategoryRow: Equatable, Sendable {
    /// The category.
    public let category: MemoryCategory
    /// What stood of it when the request was refused.
    public let current: Int
    /// The most that had stood of it.
    public let peak: Int
    /// The most that may stand of it; nil is no limit.
    public let limit: Int?
  }

  /// What stood in the way.
  public let cause: Cause
  /// The bytes that were asked for.
  public let requestedBytes: Int
  /// What they were for.
  public let category: MemoryCategory
  /// Who asked; nil if nobody named.
  public let ownerName: String?
  /// What was being done.
  public let phase: String
  /// What stood when the request was refused, by owner, the one that holds most first.
  public let owners: [OwnerBytes]
  /// The table by category, in the order of the categories.
  public let categories: [CategoryRow]
  /// The total that stood when the request was refused.
  public let currentTotal: Int
  /// The highest total that had stood.
  public let peakTotal: Int
  /// The most that may stand in total; nil is no limit.
  public let totalLimit: Int?

  init(
    cause: Cause, requestedBytes: Int, category: MemoryCategory, ownerName: String?,
    phase: String, standing: StandingMemory, peakTotal: Int, peaks: CategoryBytes,
    limits: MemoryLimits
  ) {
    self.cause = cause
    self.requestedBytes = requestedBytes
    self.category = category
    self.ownerName = ownerName
    self.phase = phase
    owners = standing.owners
    categories = MemoryCategory.allCases.map {
      CategoryRow(
        category: $0, current: standing.byCategory[$0], peak: peaks[$0], limit: limits[$0])
    }
    currentTotal = standing.byCategory.total
    self.peakTotal = peakTotal
    totalLimit = limits.total
  }

  /// The limit that was in the way; nil if it was none.
  public var limit: Int? {
    switch cause {
    case .categoryLimit(let limit), .totalLimit(let limit): limit
    case .outOfMemory, .injected: nil
    }
  }

  /// By how many bytes the request was too large; nil if no limit was in the way.
  public var excess: Int? {
    switch cause {
    case .categoryLimit(let limit):
      requestedBytes - (limit - categories[category.rawValue].current)
    case .totalLimit(let limit): requestedBytes - (limit - currentTotal)
    case .outOfMemory, .injected: nil
    }
  }
}
