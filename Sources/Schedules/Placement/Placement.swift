/// Where buffers lie in one slab of memory.
package struct Placement: Hashable, Sendable {
  /// The offset of every buffer.
  package let offsets: [Int]
  /// The size of the slab: the highest end of a buffer.
  package let height: Int

  /// Creates a placement of buffers at these offsets.
  init(_ buffers: [PlacementBuffer], offsets: [Int]) {
    self.offsets = offsets
    height = zip(buffers, offsets).map { $0.size + $1 }.max() ?? 0
  }
}
