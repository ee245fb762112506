import Threads

/// The ledger's books beside the allocator's own, in usable bytes.
package struct AllocatorComparison: Equatable, Sendable {
  /// What the ledger says stands, by category.
  package let ledger: CategoryBytes
  /// What jemalloc's statistics of each category's arena say.
  package let allocator: CategoryBytes

  /// Whether both agree, to the byte and in every category.
  package var agrees: Bool { ledger == allocator }
}

extension Ledger {
  /// Asks jemalloc what stands in each category's arena; exact at any moment, from any thread.
  ///
  /// - Returns: Both sides, or nil where jemalloc does not serve or keeps no statistics.
  package func compareWithAllocator() -> AllocatorComparison? {
    guard Jemalloc.isActive else { return nil }
    return state.withLock { state in
      Jemalloc.refresh()
      var ledger = CategoryBytes()
      var allocator = CategoryBytes()
      for category in MemoryCategory.allCases {
        ledger[category] = state.categories[category.rawValue].usableBytes.current
        guard let bytes = Jemalloc.allocatedBytes(arena: arenas.arena(of: category)) else {
          return nil
        }
        allocator[category] = bytes
      }
      return AllocatorComparison(ledger: ledger, allocator: allocator)
    }
  }
}
