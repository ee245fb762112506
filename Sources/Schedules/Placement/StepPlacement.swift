import MemoryLedger
import Networks

/// Where everything that a schedule takes lies in one slab of memory.
///
/// Activations, transients and workspaces of a step have lives that are known before it runs, so that
/// their places can be planned. Parts of a batch follow the same places one after the other.
public struct StepPlacement: Sendable {
  /// The offsets of what an action creates, in order, for each action of a part.
  public let creationOffsets: [[Int]]
  /// The offset of each action's scratch; 0 where there is none.
  public let scratchOffsets: [Int]
  /// The bytes of the slab.
  public let byteCount: Int
  /// The highest sum of bytes that are there at one time: no slab can be smaller.
  public let lowerBound: Int
  /// The most that the allocator would set aside at one time for blocks of their own.
  public let blockByteCount: Int

  /// Every place begins at a multiple of this, as the ledger's blocks do.
  static let alignment = 64

  /// Plans the places of a schedule's memory.
  ///
  /// - Parameter schedule: The schedule.
  public init(_ schedule: Schedule) {
    let actions = schedule.actions.prefix(schedule.partActionCount)
    var slots: [Item: Int] = [:]
    var drafts: [(start: Int, end: Int, size: Int)] = []
    var creations: [[Int]] = []
    var scratches: [Int?] = []
    for (index, action) in actions.enumerated() {
      creations.append(
        action.creates.map { creation in
          drafts.append((index, actions.count, schedule.byteCount(of: creation.item)))
          slots[creation.item] = drafts.count - 1
          return drafts.count - 1
        })
      for item in action.releases {
        if let slot = slots.removeValue(forKey: item) { drafts[slot].end = index }
      }
      if action.scratchByteCount > 0 {
        drafts.append((index, index + 1, action.scratchByteCount))
        scratches.append(drafts.count - 1)
      } else {
        scratches.append(nil)
      }
      for handOver in action.handsOver {
        slots[handOver.to] = slots.removeValue(forKey: handOver.from)
      }
    }
    let buffers = drafts.map { PlacementBuffer(start: $0.start, end: $0.end, size: $0.size) }
    let placement = PlacementPlanner.place(buffers, alignment: Self.alignment)
    creationOffsets = creations.map { $0.map { placement.offsets[$0] } }
    scratchOffsets = scratches.map { slot in slot.map { placement.offsets[$0] } ?? 0 }
    byteCount = placement.height
    lowerBound = buffers.highestLoad
    blockByteCount =
      buffers.map {
        PlacementBuffer(
          start: $0.start, end: $0.end,
          size: MemoryBlock.usableByteCount(forRequested: $0.size))
      }.highestLoad
  }
}

/// How a step's memory is laid out.
public enum MemoryArrangement: String, CaseIterable, Sendable {
  /// A block of the allocator for everything that is created.
  case blocks
  /// One region in which everything has its planned place (`StepPlacement`).
  case slab
}
