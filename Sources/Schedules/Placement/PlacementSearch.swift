/// A depth-first search for a placement under a capacity.
///
/// Buffers are placed in the order of their offsets, each as low as those placed already allow, so
/// that no placement is met twice. A branch ends when some time's remaining buffers do not fit
/// above the lowest place that any of them can take there, or when another buffer would fit wholly
/// below the one that is placed. Parts of the remaining buffers that never meet are searched
/// independently. (After Moffitt 2023, "MiniMalloc", doi 10.1145/3623278.3624752.)
struct PlacementSearch {
  /// A buffer with its life in sections: the spans between times at which a life starts or ends.
  private struct Entry {
    let size: Int
    let sections: Range<Int>
    let neighbours: [Int]
    /// The place in the order that decides between equal offsets.
    let rank: Int
  }

  private struct Position: Comparable {
    let offset: Int
    let rank: Int

    static func < (a: Position, b: Position) -> Bool { (a.offset, a.rank) < (b.offset, b.rank) }
  }

  private let entries: [Entry]
  /// For each section, the buffers that are needed then.
  private let members: [[Int]]
  private let capacity: Int
  private var stepsLeft: Int
  /// For each section, the bytes of the buffers that are not placed yet.
  private var remaining: [Int]
  /// For each buffer, the lowest offset that those placed already leave it; its own once placed.
  private var lowest: [Int]
  private var isPlaced: [Bool]

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - buffers: The buffers.
  ///   - order: Their indices; of those that could lie equally low the first is tried first.
  ///   - capacity: The highest end allowed.
  ///   - stepLimit: The number of buffers to place, again and again, before giving up.
  init(_ buffers: [PlacementBuffer], order: [Int], capacity: Int, stepLimit: Int) {
    let times = Set(buffers.flatMap { [$0.start, $0.end] }).sorted()
    let sectionOf = Dictionary(uniqueKeysWithValues: times.enumerated().map { ($1, $0) })
    var ranks = [Int](repeating: 0, count: buffers.count)
    for (rank, index) in order.enumerated() { ranks[index] = rank }
    entries = buffers.indices.map { index in
      let buffer = buffers[index]
      return Entry(
        size: buffer.size,
        sections: (sectionOf[buffer.start] ?? 0)..<(sectionOf[buffer.end] ?? 0),
        neighbours: buffers.indices.filter { $0 != index && buffers[$0].meets(buffer) },
        rank: ranks[index])
    }
    var members = [[Int]](repeating: [], count: times.count)
    var remaining = [Int](repeating: 0, count: times.count)
    for (index, entry) in entries.enumerated() {
      for section in entry.sections {
        members[section].append(index)
        remaining[section] += entry.size
      }
    }
    self.members = members
    self.remaining = remaining
    self.capacity = capacity
    stepsLeft = stepLimit
    lowest = [Int](repeating: 0, count: buffers.count)
    isPlaced = [Bool](repeating: false, count: buffers.count)
  }

  /// The offsets that were found; nil if there are none or the search gave up.
  mutating func offsets() -> [Int]? {
    guard remaining.allSatisfy({ $0 <= capacity }) else { return nil }
    let floor = Position(offset: 0, rank: -1)
    return placeParts(of: Array(entries.indices), above: floor) ? lowest : nil
  }

  // MARK: Parts

  /// Places buffers of which some may never meet, not even through others.
  private mutating func placeParts(of buffers: [Int], above floor: Position) -> Bool {
    let parts = self.parts(of: buffers)
    guard parts.count > 1 else { return parts.isEmpty || place(parts[0], above: floor) }
    let before = buffers.map { lowest[$0] }
    for (count, part) in parts.enumerated() where !place(part, above: floor) {
      for placed in parts[..<count].joined() { remove(placed) }
      for (buffer, offset) in zip(buffers, before) { lowest[buffer] = offset }
      return false
    }
    return true
  }

  /// Groups of buffers of which none meets one of another group, the smallest first.
  private func parts(of buffers: [Int]) -> [[Int]] {
    var parts: [[Int]] = []
    var end = Int.min
    for buffer in buffers.sorted(by: {
      entries[$0].sections.lowerBound < entries[$1].sections.lowerBound
    }) {
      let sections = entries[buffer].sections
      if sections.lowerBound >= end { parts.append([]) }
      parts[parts.count - 1].append(buffer)
      end = max(end, sections.upperBound)
    }
    return parts.count > 1 ? parts.sorted { $0.count < $1.count } : parts
  }

  // MARK: One buffer after the other

  private mutating func place(_ buffers: [Int], above floor: Position) -> Bool {
    guard stepsLeft > 0 else { return false }
    stepsLeft -= 1
    var lowestEnd = Int.max
    var first = Int.max
    var last = 0
    for buffer in buffers {
      lowestEnd = min(lowestEnd, max(lowest[buffer], floor.offset) + entries[buffer].size)
      first = min(first, entries[buffer].sections.lowerBound)
      last = max(last, entries[buffer].sections.upperBound)
    }
    let sections = first..<last
    // Below a buffer that lies higher than `lowestEnd` another one would fit.
    let candidates = buffers.filter { lowest[$0] < lowestEnd }.map {
      (position: Position(offset: lowest[$0], rank: entries[$0].rank), buffer: $0)
    }
    for (position, buffer) in candidates.sorted(by: { $0.position < $1.position })
    where position >= floor {
      let raised = raiseNeighbours(of: buffer)
      let fits = fitsRemaining(in: sections, above: position.offset)
      if fits, placeParts(of: buffers.filter { $0 != buffer }, above: position) { return true }
      for (neighbour, offset) in raised { lowest[neighbour] = offset }
      remove(buffer)
      // What does not fit with nothing above this buffer does not fit with it elsewhere.
      if stepsLeft <= 0 || (fits && raised.isEmpty) { return false }
    }
    return false
  }

  /// Places a buffer as low as it can lie; returns what to undo.
  private mutating func raiseNeighbours(of buffer: Int) -> [(buffer: Int, offset: Int)] {
    let entry = entries[buffer]
    isPlaced[buffer] = true
    for section in entry.sections { remaining[section] -= entry.size }
    let end = lowest[buffer] + entry.size
    var raised: [(buffer: Int, offset: Int)] = []
    for neighbour in entry.neighbours where !isPlaced[neighbour] && lowest[neighbour] < end {
      raised.append((neighbour, lowest[neighbour]))
      lowest[neighbour] = end
    }
    return raised
  }

  private mutating func remove(_ buffer: Int) {
    isPlaced[buffer] = false
    for section in entries[buffer].sections { remaining[section] += entries[buffer].size }
  }

  /// Whether at all times what is not placed fits above the lowest place that it can take.
  private func fitsRemaining(in sections: Range<Int>, above offset: Int) -> Bool {
    for section in sections where remaining[section] > 0 {
      var floor = Int.max
      for member in members[section] where !isPlaced[member] {
        floor = min(floor, max(lowest[member], offset))
        if floor == offset { break }
      }
      if floor + remaining[section] > capacity { return false }
    }
    return true
  }
}
