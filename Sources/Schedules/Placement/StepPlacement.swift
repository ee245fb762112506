import MemoryLedger
import Networks

/// Where everything that a step takes lies in one slab of memory.
///
/// Activations, transients and workspaces of a step have lives that are known before it runs, so that
/// their places can be planned. Runs have the slab one after the other.
public struct StepPlacement: Sendable {
  /// The places for each of the step's schedules.
  public let places: [SchedulePlacement]

  /// Plans the places of a step's memory.
  ///
  /// - Parameter step: The step.
  public init(_ step: Step) {
    places = step.schedules.map { SchedulePlacement($0) }
  }

  /// The bytes of the slab: what the run takes that takes the most.
  public var byteCount: Int { places.map(\.byteCount).max() ?? 0 }

  /// The highest sum of bytes that are there at one time: no slab can be smaller.
  public var lowerBound: Int { places.map(\.lowerBound).max() ?? 0 }

  /// The most that the allocator would set aside at one time for blocks of their own.
  public var blockByteCount: Int { places.map(\.blockByteCount).max() ?? 0 }
}

/// Where everything that a schedule takes lies in one slab of memory.
public struct SchedulePlacement: Sendable {
  /// The offsets of what each action creates, in order.
  public let creationOffsets: [[Int]]
  /// The offset of each action's scratch; 0 where there is none.
  public let scratchOffsets: [Int]
  /// The highest end of a place.
  let byteCount: Int
  /// The highest sum of bytes that are there at one time.
  let lowerBound: Int
  /// The most that the allocator would set aside at one time for blocks of their own.
  let blockByteCount: Int

  /// Every place begins at a multiple of this, as the ledger's blocks do.
  static let alignment = 64

  init(_ schedule: Schedule) {
    var buffers: [PlacementBuffer] = []
    var creations: [Range<Int>] = []
    var scratches: [Int?] = []
    // Those of an action lie together, since they are in the order in which they are taken.
    var lifetimes = schedule.lifetimes[...]
    for (index, action) in schedule.actions.enumerated() {
      let first = buffers.count
      for lifetime in lifetimes.prefix(action.creates.count) {
        buffers.append(
          PlacementBuffer(start: lifetime.start, end: lifetime.end, size: lifetime.byteCount))
      }
      lifetimes = lifetimes.dropFirst(action.creates.count)
      creations.append(first..<buffers.count)
      if action.scratchByteCount > 0 {
        scratches.append(buffers.count)
        buffers.append(
          PlacementBuffer(start: index, end: index + 1, size: action.scratchByteCount))
      } else {
        scratches.append(nil)
      }
    }
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
