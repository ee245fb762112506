/// The books of a ledger: changed only under its lock, and without allocating.
@safe
struct LedgerState: ~Copyable {
  private(set) var all = MemoryUsage()
  private(set) var categories = InlineArray<7, MemoryUsage>(repeating: MemoryUsage())
  /// The requested bytes that stand, which `categories` holds too, in the form that peaks need.
  private(set) var bytes = CategoryBytes()
  private(set) var events: EventRing
  var phase: StaticString = "idle"
  /// How many requests until one fails for a test; 0 for never.
  var requestsUntilFault = 0

  /// The first watermark spans the ledger's life; the others belong to scopes.
  private(set) var watermarks: [Watermark]

  /// Joint accounts over several ledgers that this one takes part in, with their watermarks here.
  private(set) var watches: [(watch: LedgerWatch, watermark: Int)] = []

  // One element for each owner, the unattributed bytes first, and a table of owners by categories.
  // Changed in place through local copies of these plain pointers: through the property, or with
  // buffer pointers, the compiler of Swift 6.3 breaks under the thread sanitizer.
  private let owners: UnsafeMutablePointer<MemoryUsage>
  private let standing: UnsafeMutablePointer<Int>
  private let cellCount: Int

  init(ownerCount: Int, eventCapacity: Int) {
    events = EventRing(capacity: eventCapacity)
    unsafe owners = .allocate(capacity: ownerCount + 1)
    unsafe owners.initialize(repeating: MemoryUsage(), count: ownerCount + 1)
    cellCount = (ownerCount + 1) * MemoryCategory.count
    unsafe standing = .allocate(capacity: cellCount)
    unsafe standing.initialize(repeating: 0, count: cellCount)
    var life = Watermark(cellCount: cellCount)
    life.open(at: Level(), watching: .all)
    watermarks = [life]
  }

  deinit {
    for watermark in watermarks { watermark.deallocate() }
    unsafe owners.deallocate()
    unsafe standing.deallocate()
  }

  /// How high memory stands now.
  var level: Level {
    var requested = CategoryBytes()
    for category in MemoryCategory.allCases {
      requested[category] = categories[category.rawValue].bytes.total
    }
    return Level(
      bytes: bytes, usable: all.usableBytes.current, blocks: all.blocks.current,
      requested: requested, requestCount: all.blocks.total)
  }

  /// What an owner's blocks take.
  func usage(of owner: MemoryOwner) -> MemoryUsage {
    unsafe owners[owner.slot]
  }

  // MARK: - Recording

  mutating func add(
    address: UInt, byteCount: Int, usable: Int, category: MemoryCategory, owner: MemoryOwner
  ) {
    for index in watermarks.indices where watermarks[index].isOpen {
      unsafe watermarks[index].willRise(category, from: standing)
    }
    all.add(bytes: byteCount, usable: usable)
    categories[category.rawValue].add(bytes: byteCount, usable: usable)
    let owners = unsafe self.owners
    unsafe owners[owner.slot].add(bytes: byteCount, usable: usable)
    let standing = unsafe self.standing
    unsafe standing[cell(owner, category)] += byteCount
    bytes[category] += byteCount
    for index in watermarks.indices where watermarks[index].isOpen {
      watermarks[index].didRise(category, all: all, bytes: bytes)
    }
    for entry in watches { entry.watch.rise(category, by: byteCount) }
    record(
      .allocate, address: address, byteCount: byteCount, usable: usable, category: category,
      owner: owner)
  }

  mutating func remove(
    address: UInt, byteCount: Int, usable: Int, category: MemoryCategory, owner: MemoryOwner
  ) {
    for index in watermarks.indices where watermarks[index].isOpen {
      unsafe watermarks[index].willFall(from: standing)
    }
    all.remove(bytes: byteCount, usable: usable)
    categories[category.rawValue].remove(bytes: byteCount, usable: usable)
    let owners = unsafe self.owners
    unsafe owners[owner.slot].remove(bytes: byteCount, usable: usable)
    let standing = unsafe self.standing
    unsafe standing[cell(owner, category)] -= byteCount
    bytes[category] -= byteCount
    for entry in watches { entry.watch.fall(category, by: byteCount) }
    record(
      .free, address: address, byteCount: byteCount, usable: usable, category: category,
      owner: owner)
  }

  mutating func record(
    _ action: MemoryEvent.Action, address: UInt, byteCount: Int, usable: Int,
    category: MemoryCategory, owner: MemoryOwner
  ) {
    events.record(
      action, address: address, byteCount: byteCount, usable: usable, category: category,
      owner: owner, phase: phase, totalAfter: all.bytes.current)
  }

  private func cell(_ owner: MemoryOwner, _ category: MemoryCategory) -> Int {
    owner.slot * MemoryCategory.count + category.rawValue
  }

  // MARK: - Scopes

  /// Opens a watermark and returns its number; allocates only if more scopes are open than ever.
  mutating func openWatermark(watching categories: MemoryCategorySet) -> Int {
    let index: Int
    if let free = watermarks.firstIndex(where: { !$0.isOpen }) {
      index = free
    } else {
      index = watermarks.count
      watermarks.append(Watermark(cellCount: cellCount))
    }
    watermarks[index].open(at: level, watching: categories)
    return index
  }

  mutating func closeWatermark(_ index: Int) {
    watermarks[index].close()
  }

  /// Lets a joint account follow this ledger from now on; allocates.
  mutating func join(_ watch: LedgerWatch) {
    watches.append((watch, openWatermark(watching: watch.watched)))
  }

  /// Ends what ``join(_:)`` began and returns what stood at the peak; allocates.
  mutating func leave(_ watch: LedgerWatch, ownerNames: [String]) -> StandingMemory? {
    guard let index = watches.firstIndex(where: { $0.watch === watch }) else { return nil }
    let watermark = watches.remove(at: index).watermark
    let result = standing(atPeakOf: watermark, ownerNames: ownerNames)
    closeWatermark(watermark)
    return result
  }

  /// What stands now, or stood at the peak of a watermark; allocates an array.
  func standing(atPeakOf index: Int?, ownerNames: [String]) -> StandingMemory {
    let table =
      unsafe index.map { unsafe watermarks[$0].standingAtPeak(now: standing) } ?? standing
    return unsafe StandingMemory(table: table, ownerNames: ownerNames)
  }
}
