/// Placement of one buffer after the other, each in a gap among those that are placed already.
package enum GreedyPlacement: CaseIterable, Sendable {
  /// The largest first, at the lowest gap that fits (Pisarchyk and Lee 2020, arXiv 2001.03288).
  case bySizeFirstFit
  /// The largest first, in the smallest gap that fits.
  case bySizeBestFit
  /// The longest-lived first, at the lowest gap that fits.
  case byDuration
  /// The earliest first, at the lowest gap that fits.
  case byStart

  /// Places buffers.
  ///
  /// - Complexity: O(n²).
  package func place(_ buffers: [PlacementBuffer]) -> Placement {
    let order = buffers.indices.sorted { first, second in
      let keys = (key(buffers[first]), key(buffers[second]))
      return keys.0 == keys.1 ? first < second : keys.0 < keys.1
    }
    var gaps = GapFinder(buffers)
    for index in order {
      gaps.place(index, takesSmallestGap: self == .bySizeBestFit)
    }
    return Placement(buffers, offsets: gaps.offsets)
  }

  /// What buffers are ordered by; equal ones stay in the order that they come in.
  private func key(_ buffer: PlacementBuffer) -> (Int, Int) {
    switch self {
    case .bySizeFirstFit, .bySizeBestFit: (-buffer.size, buffer.start)
    case .byDuration: (-buffer.duration, -buffer.size)
    case .byStart: (buffer.start, -buffer.size)
    }
  }
}

/// The buffers that are placed, in the order of their offsets, and the gaps among them.
struct GapFinder {
  private let buffers: [PlacementBuffer]
  /// The offset of every buffer that is placed; 0 for others.
  private(set) var offsets: [Int]
  private var placed: [Int] = []

  init(_ buffers: [PlacementBuffer]) {
    self.buffers = buffers
    offsets = [Int](repeating: 0, count: buffers.count)
    placed.reserveCapacity(buffers.count)
  }

  /// Places a buffer at the lowest gap that fits, or in the smallest.
  mutating func place(_ index: Int, takesSmallestGap: Bool) {
    let buffer = buffers[index]
    var end = 0
    var best: (gap: Int, offset: Int)?
    for other in placed where buffers[other].meets(buffer) {
      let gap = offsets[other] - end
      if gap >= buffer.size, gap < best?.gap ?? .max {
        best = (gap, end)
        if !takesSmallestGap { break }
      }
      end = max(end, offsets[other] + buffers[other].size)
    }
    let offset = best?.offset ?? end
    offsets[index] = offset
    let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
    placed.insert(index, at: position)
  }
}
