/// A block of memory that a ledger accounts for, freed when the value ends.
///
/// The memory has no header, begins at a multiple of 64 bytes and is not initialised. A block keeps
/// its ledger alive.
@safe
public struct MemoryBlock: ~Copyable, @unchecked Sendable {
  /// The first byte; valid until the block ends.
  public let pointer: UnsafeMutableRawPointer
  /// The number of bytes that were requested.
  public let byteCount: Int
  /// The number of bytes that the allocator set aside, at least ``byteCount``; 0 for a part of a slab,
  /// which the allocator does not know of.
  public let usableByteCount: Int
  /// What the block is for.
  public let category: MemoryCategory
  /// Who holds the block.
  public let owner: MemoryOwner

  private let ledger: Ledger
  /// The slab that the block is a part of; nil for a block of the allocator's own.
  private let slab: MemorySlab?

  init(
    pointer: UnsafeMutableRawPointer, byteCount: Int, usableByteCount: Int,
    category: MemoryCategory, owner: MemoryOwner, ledger: Ledger, slab: MemorySlab?
  ) {
    unsafe self.pointer = unsafe pointer
    self.byteCount = byteCount
    self.usableByteCount = usableByteCount
    self.category = category
    self.owner = owner
    self.ledger = ledger
    self.slab = slab
  }

  deinit {
    guard slab == nil else {
      unsafe ledger.uncount(
        byteCount: byteCount, at: UInt(bitPattern: pointer), category: category, owner: owner)
      return
    }
    unsafe ledger.free(
      pointer, byteCount: byteCount, usable: usableByteCount, category: category, owner: owner)
  }

  /// The usable bytes of a block of `byteCount` requested bytes, without allocating it.
  ///
  /// - Parameter byteCount: The requested bytes; at least 0.
  /// - Returns: The size of jemalloc's size class for the request at 64-byte alignment.
  public static func usableByteCount(forRequested byteCount: Int) -> Int {
    ArenaSet.usableByteCount(forRequested: byteCount)
  }
}
