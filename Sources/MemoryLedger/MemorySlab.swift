/// One region of memory from which blocks are handed out at chosen places.
///
/// The allocator sees the region, and its usable bytes are counted from the beginning to the end of
/// its life; the bytes that are requested of it are counted block by block, as for blocks of their
/// own. So peaks and limits in requested bytes are the same with a slab and without. A slab keeps its
/// ledger alive.
@safe
public final class MemorySlab: @unchecked Sendable {
  /// The number of bytes of the region.
  public let byteCount: Int
  /// The number of bytes that the allocator set aside for it.
  public let usableByteCount: Int
  /// The category in which its usable bytes are counted.
  public let category: MemoryCategory

  let pointer: UnsafeMutableRawPointer
  let ledger: Ledger

  init(
    pointer: UnsafeMutableRawPointer, byteCount: Int, usableByteCount: Int,
    category: MemoryCategory, ledger: Ledger
  ) {
    unsafe self.pointer = unsafe pointer
    self.byteCount = byteCount
    self.usableByteCount = usableByteCount
    self.category = category
    self.ledger = ledger
  }

  deinit {
    unsafe ledger.free(
      pointer, byteCount: 0, usable: usableByteCount, category: category, owner: .unattributed)
  }
}

extension Ledger {
  /// Takes a region of memory, 64-byte aligned and not initialised, for blocks of a step.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes of the region.
  ///   - category: Where its usable bytes are counted.
  /// - Returns: The slab, which frees itself.
  /// - Throws: ``MemoryBudgetExceeded`` if the system has no more memory.
  public func allocateSlab(
    byteCount: Int, category: MemoryCategory
  ) throws(MemoryBudgetExceeded) -> MemorySlab {
    let (pointer, usable) = try unsafe takeMemory(
      byteCount: byteCount, counted: 0, category: category, owner: .unattributed)
    return unsafe MemorySlab(
      pointer: pointer, byteCount: byteCount, usableByteCount: usable, category: category,
      ledger: self)
  }

  /// Hands out a part of a slab as a block, and counts what is requested.
  ///
  /// Nothing is asked of the allocator. The caller sees to it that blocks that are there at the same
  /// time do not overlap.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes of the block.
  ///   - offset: Where it begins: a multiple of 64 with room behind it in the slab.
  ///   - slab: A slab of this ledger.
  ///   - category: What the block is for.
  ///   - owner: Who holds the block: an owner of this ledger.
  /// - Returns: The block, which keeps the slab.
  /// - Throws: ``MemoryBudgetExceeded`` if the block would rise above a limit.
  public func allocate(
    byteCount: Int, at offset: Int, in slab: MemorySlab, category: MemoryCategory,
    owner: MemoryOwner = .unattributed
  ) throws(MemoryBudgetExceeded) -> MemoryBlock {
    precondition(slab.ledger === self, "a slab serves the ledger that it came from")
    precondition(
      offset >= 0 && offset % ArenaSet.alignment == 0 && byteCount >= 0
        && byteCount <= slab.byteCount - offset,
      "\(byteCount) bytes at \(offset) do not lie in a slab of \(slab.byteCount)")
    let pointer = unsafe slab.pointer + offset
    try count(
      byteCount: byteCount, at: UInt(bitPattern: pointer), category: category, owner: owner)
    return unsafe MemoryBlock(
      pointer: pointer, byteCount: byteCount, usableByteCount: 0, category: category,
      owner: owner, ledger: self, slab: slab)
  }
}
