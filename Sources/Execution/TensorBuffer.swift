import MemoryLedger
import Networks

/// A block of memory that several items can hold one after the other; it is freed with the last
/// reference.
final class TensorBuffer: Sendable {
  let block: MemoryBlock

  init(
    _ ledger: Ledger, byteCount: Int, category: MemoryCategory, owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) {
    block = try ledger.allocate(byteCount: byteCount, category: category, owner: owner)
  }

  /// A part of a slab.
  init(
    _ ledger: Ledger, byteCount: Int, at offset: Int, in slab: MemorySlab,
    category: MemoryCategory, owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) {
    block = try ledger.allocate(
      byteCount: byteCount, at: offset, in: slab, category: category, owner: owner)
  }

  var raw: UnsafeMutableRawPointer { unsafe block.pointer }

  var floats: UnsafeMutablePointer<Float> {
    unsafe block.pointer.assumingMemoryBound(to: Float.self)
  }
}

extension Ledger {
  /// Creates a ledger whose owners are the nodes of a network, by number.
  ///
  /// - Throws: `LedgerError` if the allocator cannot give it arenas of its own.
  public convenience init(
    for network: Network, limits: MemoryLimits = MemoryLimits(), eventCapacity: Int = 0
  ) throws(LedgerError) {
    try self.init(
      ownerNames: network.nodes.map(\.name), limits: limits, eventCapacity: eventCapacity)
  }
}
