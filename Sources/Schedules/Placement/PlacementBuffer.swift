/// A piece of memory that a step needs for a while.
package struct PlacementBuffer: Hashable, Sendable {
  /// The time from which it is needed.
  package let start: Int
  /// The time from which it is not needed any more.
  package let end: Int
  /// Its bytes, or any other unit.
  package let size: Int

  /// Creates a buffer; it lives from `start` up to, but not including, `end`.
  package init(start: Int, end: Int, size: Int) {
    precondition(start < end && size >= 0, "a buffer lives for a while and has a size")
    self.start = start
    self.end = end
    self.size = size
  }

  /// The length of its life.
  var duration: Int { end - start }

  /// Whether there is a time at which both are needed.
  func meets(_ other: PlacementBuffer) -> Bool { start < other.end && other.start < end }
}

extension Collection<PlacementBuffer> {
  /// The highest sum of sizes that are needed at one time: no placement can be lower.
  ///
  /// - Complexity: O(n log n).
  package var highestLoad: Int {
    let changes =
      map { (time: $0.start, size: $0.size) } + map { (time: $0.end, size: -$0.size) }
    var load = 0
    var highest = 0
    // What ends at a time is gone before what starts then is there.
    for change in changes.sorted(by: { ($0.time, $0.size) < ($1.time, $1.size) }) {
      load += change.size
      highest = Swift.max(highest, load)
    }
    return highest
  }
}
