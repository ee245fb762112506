import MemoryLedger

/// A block of floats that starts at zero and lives as long as its owner.
@safe final class FloatStorage {
  /// The number of floats.
  let count: Int

  private let block: MemoryBlock

  init(
    _ ledger: Ledger, count: Int, category: MemoryCategory, owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) {
    self.count = count
    block = try ledger.allocate(
      byteCount: count * MemoryLayout<Float>.stride, category: category, owner: owner)
    unsafe pointer.initialize(repeating: 0, count: count)
  }

  var pointer: UnsafeMutablePointer<Float> {
    unsafe block.pointer.assumingMemoryBound(to: Float.self)
  }
}
