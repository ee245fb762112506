import Threads

extension Ledger {
  /// The requested bytes of each category that stand now.
  public var current: CategoryBytes { state.withLock { $0.bytes } }

  /// The highest total of all categories that has stood, in requested bytes.
  public var peakTotal: Int { state.withLock { $0.all.bytes.peak } }

  /// The highest level of each category, each at its own moment, in requested bytes.
  public var peaks: CategoryBytes { state.withLock { $0.watermarks[0].peaks } }

  /// What all blocks take: requested bytes, usable bytes and their number; now, at most and in sum.
  public var usage: MemoryUsage { state.withLock { $0.all } }

  /// What the blocks of one category take.
  public func usage(of category: MemoryCategory) -> MemoryUsage {
    state.withLock { $0.categories[category.rawValue] }
  }

  /// What the blocks of one owner take.
  ///
  /// - Parameter owner: An owner of this ledger.
  /// - Returns: Requested bytes, usable bytes and the number of blocks; now, at most and in sum.
  public func usage(of owner: MemoryOwner) -> MemoryUsage {
    precondition(
      owner.index < ownerNames.count,
      "owner \(owner.index) is none of the \(ownerNames.count) owners of this ledger")
    return state.withLock { $0.usage(of: owner) }
  }

  /// What stands now, by owner and category; allocates an array.
  public var standing: StandingMemory {
    state.withLock { $0.standing(atPeakOf: nil, ownerNames: ownerNames) }
  }

  /// What stood when the total was highest, by owner and category; allocates an array.
  public var standingAtPeak: StandingMemory {
    state.withLock { $0.standing(atPeakOf: 0, ownerNames: ownerNames) }
  }

  /// The latest events and how many were lost; allocates an array.
  public var eventLog: MemoryEventLog {
    state.withLock { $0.events.log() }
  }
}
