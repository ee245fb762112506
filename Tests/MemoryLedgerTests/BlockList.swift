import MemoryLedger

/// A list of blocks, which standard arrays cannot hold since blocks cannot be copied.
struct BlockList: ~Copyable {
  private var nodes: [BlockBox] = []

  mutating func append(_ block: consuming MemoryBlock) {
    nodes.append(BlockBox(block))
  }

  mutating func removeEveryOther() {
    nodes = nodes.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  mutating func removeAll() {
    nodes.removeAll()
  }
}

/// A block that may be shared, freed with the last reference.
final class BlockBox: Sendable {
  let block: MemoryBlock
  init(_ block: consuming MemoryBlock) { self.block = block }
}

/// Frees a block now.
func drop(_ block: inout MemoryBlock?) {
  _ = block.take()
}
