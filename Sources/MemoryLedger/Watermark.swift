/// The highest marks that memory left while a scope was open.
///
/// Marks are kept as absolute levels. A scope's own rise is the level minus that at its beginning,
/// so the peak of an outer scope covers its inner ones: max(value + inner peak, peak).
@safe
struct Watermark {
  private(set) var isOpen = false
  private(set) var watched = MemoryCategorySet.all
  private(set) var baseline = Level()
  private(set) var peaks = CategoryBytes()
  private(set) var peakTotal = 0
  private(set) var watchedPeak = 0
  private(set) var usablePeak = 0
  private(set) var blockPeak = 0

  // What stood when the watched bytes were highest. Copied only before the first change that does
  // not raise them further: until then the ledger's own table says the same.
  private let snapshot: UnsafeMutablePointer<Int>
  private let cellCount: Int
  private var snapshotIsTaken = false

  /// - Parameter cellCount: The size of the ledger's table of owners by categories.
  init(cellCount: Int) {
    unsafe snapshot = .allocate(capacity: cellCount)
    unsafe snapshot.initialize(repeating: 0, count: cellCount)
    self.cellCount = cellCount
  }

  func deallocate() {
    unsafe snapshot.deallocate()
  }

  mutating func open(at level: Level, watching categories: MemoryCategorySet) {
    isOpen = true
    watched = categories
    baseline = level
    peaks = level.bytes
    peakTotal = level.bytes.total
    watchedPeak = level.bytes.sum(of: categories)
    usablePeak = level.usable
    blockPeak = level.blocks
    snapshotIsTaken = false
  }

  mutating func close() {
    isOpen = false
  }

  /// Called before memory rises, with the table as it is.
  mutating func willRise(
    _ category: MemoryCategory, from standing: UnsafeMutablePointer<Int>
  ) {
    if !watched.contains(category) { unsafe willFall(from: standing) }
  }

  /// Called before memory falls, with the table as it is.
  mutating func willFall(from standing: UnsafeMutablePointer<Int>) {
    guard !snapshotIsTaken else { return }
    unsafe snapshot.update(from: standing, count: cellCount)
    snapshotIsTaken = true
  }

  /// Notes that memory of one category rose.
  mutating func didRise(
    _ category: MemoryCategory, all: MemoryUsage, bytes: CategoryBytes
  ) {
    peaks[category] = max(peaks[category], bytes[category])
    peakTotal = max(peakTotal, all.bytes.current)
    usablePeak = max(usablePeak, all.usableBytes.current)
    blockPeak = max(blockPeak, all.blocks.current)
    guard watched.contains(category) else { return }
    let level = watched == .all ? all.bytes.current : bytes.sum(of: watched)
    if level > watchedPeak {
      watchedPeak = level
      snapshotIsTaken = false
    }
  }

  /// The bytes by owner and category at the peak, given those that stand now.
  func standingAtPeak(
    now standing: UnsafeMutablePointer<Int>
  ) -> UnsafeMutablePointer<Int> {
    unsafe snapshotIsTaken ? snapshot : standing
  }

  /// What was measured until now, when memory is at `level`.
  func measurement(at level: Level) -> MemoryMeasurement {
    MemoryMeasurement(
      watched: watched, baseline: baseline.bytes, current: level.bytes,
      allocated: level.requested - baseline.requested, globalPeak: peakTotal, globalPeaks: peaks,
      watchedGlobalPeak: watchedPeak, baselineUsable: baseline.usable,
      usableGlobalPeak: usablePeak,
      blocks: MemoryCounter(
        current: level.blocks - baseline.blocks, peak: blockPeak - baseline.blocks,
        total: level.requestCount - baseline.requestCount))
  }
}

/// How high memory stands, and all that was ever requested.
struct Level {
  var bytes = CategoryBytes()
  var usable = 0
  var blocks = 0
  var requested = CategoryBytes()
  var requestCount = 0
}
