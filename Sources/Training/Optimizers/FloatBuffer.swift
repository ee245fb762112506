import MemoryLedger

/// A block of floats that lives as long as its owner.
@safe final class FloatBuffer {
  /// The number of floats.
  let count: Int

  private let block: MemoryBlock

  /// Takes memory and fills it with one value.
  init(
    _ ledger: Ledger, count: Int, startingAt start: Float = 0, category: MemoryCategory,
    owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) {
    self.count = count
    block = try ledger.allocate(
      byteCount: count * MemoryLayout<Float>.stride, category: category, owner: owner)
    unsafe pointer.initialize(repeating: start, count: count)
  }

  var pointer: UnsafeMutablePointer<Float> {
    unsafe block.pointer.assumingMemoryBound(to: Float.self)
  }

  var values: UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
