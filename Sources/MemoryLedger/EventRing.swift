import Glibc

/// A log of fixed capacity that overwrites its oldest events and never allocates while it records.
@safe
struct EventRing: ~Copyable {
  private let storage: UnsafeMutableBufferPointer<MemoryEvent>
  private let start: UInt64
  private(set) var recordedCount = 0

  init(capacity: Int) {
    unsafe storage = .allocate(capacity: capacity)
    start = Self.now()
  }

  deinit {
    unsafe storage.deallocate()
  }

  /// Whether events are recorded at all.
  var isEnabled: Bool { unsafe !storage.isEmpty }

  mutating func record(
    _ action: MemoryEvent.Action, address: UInt, byteCount: Int, usable: Int,
    category: MemoryCategory, owner: MemoryOwner, phase: StaticString, totalAfter: Int
  ) {
    guard isEnabled else { return }
    unsafe storage.initializeElement(
      at: recordedCount % storage.count,
      to: MemoryEvent(
        sequence: recordedCount, nanoseconds: Self.now() - start, action: action,
        address: address, byteCount: byteCount, usableByteCount: usable, category: category,
        owner: owner, phase: phase, totalAfter: totalAfter))
    recordedCount += 1
  }

  /// A copy of what the log holds; allocates an array.
  func log() -> MemoryEventLog {
    let heldCount = unsafe min(recordedCount, storage.count)
    let first = recordedCount - heldCount
    let events = (first..<recordedCount).map { unsafe storage[$0 % storage.count] }
    return MemoryEventLog(events: events, lostCount: first)
  }

  private static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
