/// The bytes that one owner holds, by category.
public struct OwnerBytes: Equatable, Sendable {
  /// The owner.
  public let owner: MemoryOwner
  /// Its name, or "unattributed".
  public let name: String
  /// What it holds.
  public let bytes: CategoryBytes

  /// The same owner with what it holds of some categories only.
  package func only(_ categories: MemoryCategorySet) -> Self {
    var bytes = CategoryBytes()
    for category in MemoryCategory.allCases where categories.contains(category) {
      bytes[category] = self.bytes[category]
    }
    return Self(owner: owner, name: name, bytes: bytes)
  }
}

/// What stands at one moment: every owner that holds anything, and what of each category.
public struct StandingMemory: Equatable, Sendable {
  /// The bytes of each category.
  public let byCategory: CategoryBytes
  /// The owners that hold anything, the one that holds most first, equal ones in their order.
  public let owners: [OwnerBytes]

  init(table: UnsafeMutablePointer<Int>, ownerNames: [String]) {
    var byCategory = CategoryBytes()
    var owners: [OwnerBytes] = []
    for slot in 0...ownerNames.count {
      var bytes = CategoryBytes()
      for category in MemoryCategory.allCases {
        bytes[category] = unsafe table[slot * MemoryCategory.count + category.rawValue]
        byCategory[category] += bytes[category]
      }
      guard bytes != CategoryBytes() else { continue }
      let name = slot == 0 ? "unattributed" : ownerNames[slot - 1]
      owners.append(OwnerBytes(owner: MemoryOwner(slot: slot), name: name, bytes: bytes))
    }
    self.byCategory = byCategory
    // Sorting is not stable by contract, so ties are settled by the order of the owners.
    self.owners = owners.sorted {
      ($1.bytes.total, $0.owner.index) < ($0.bytes.total, $1.owner.index)
    }
  }
}
