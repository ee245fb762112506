/// Who holds a block: a place in the list of owner names that a ledger was created with.
///
/// For a network the owners are its nodes, so that memory is told layer by layer.
public struct MemoryOwner: Hashable, Sendable {
  /// The place in the ledger's owner names, or -1 for ``unattributed``.
  public let index: Int

  /// Creates the owner at a place of the ledger's owner names.
  ///
  /// - Parameter index: At least 0 and below the number of names of the ledger that it is used with.
  public init(index: Int) {
    precondition(index >= 0, "an owner's index is at least 0, not \(index)")
    self.index = index
  }

  private init(unattributed: Void) {
    index = -1
  }

  /// The owner of blocks that belong to no named one.
  public static let unattributed = Self(unattributed: ())

  /// The place in the ledger's tables, where the unattributed bytes come first.
  var slot: Int { index + 1 }

  init(slot: Int) {
    index = slot - 1
  }
}
