/// Places buffers with heuristics first and then with searches under ever lower capacities.
///
/// The result depends on the buffers alone: effort is limited in steps, not in seconds.
package enum PlacementPlanner {
  /// Capacities that are searched, over the lower bound.
  ///
  /// The lowest prune best and often succeed sooner than higher ones.
  private static let capacityFactors = [1.0, 1.02, 1.05, 1.1]
  /// The steps that each search may take, in rounds; the last only if nothing was found before.
  private static let stepLimits = [1_000, 4_000, 16_000]

  /// Places buffers at multiples of an alignment.
  ///
  /// - Parameters:
  ///   - buffers: The buffers.
  ///   - alignment: What all offsets will be multiples of; sizes are rounded up to it.
  /// - Returns: The lowest placement that was found, never higher than the best of
  ///   `GreedyPlacement`. A higher capacity than 1.1 times the bound is left to those.
  package static func place(_ buffers: [PlacementBuffer], alignment: Int = 1) -> Placement {
    // In units of the alignment every offset is right.
    let units = buffers.map { buffer in
      PlacementBuffer(
        start: buffer.start, end: buffer.end, size: (buffer.size + alignment - 1) / alignment)
    }
    return Placement(buffers, offsets: lowestOffsets(units).map { $0 * alignment })
  }

  private static func lowestOffsets(_ buffers: [PlacementBuffer]) -> [Int] {
    let bound = buffers.highestLoad
    var best = Placement(buffers, offsets: [Int](repeating: 0, count: buffers.count))
    for (index, rule) in GreedyPlacement.allCases.enumerated() {
      let placement = rule.place(buffers)
      if index == 0 || placement.height < best.height { best = placement }
    }
    guard bound < best.height else { return best.offsets }
    let orders = orders(buffers)
    let greedyHeight = best.height
    for limit in stepLimits where limit < stepLimits[2] || best.height == greedyHeight {
      for factor in capacityFactors {
        let capacity = Int(Double(bound) * factor)
        guard capacity < best.height else { break }
        for order in orders {
          var search = PlacementSearch(
            buffers, order: order, capacity: capacity, stepLimit: limit)
          if let offsets = search.offsets() {
            best = Placement(buffers, offsets: offsets)
            break
          }
        }
      }
    }
    return best.offsets
  }

  /// Orders in which hard instances are solved soon: by duration, area (duration times size) and
  /// the highest load during a buffer's life, the greatest first.
  private static func orders(_ buffers: [PlacementBuffer]) -> [[Int]] {
    let loads = buffers.map { buffer in
      buffers.filter { $0.meets(buffer) }.map { other in
        PlacementBuffer(
          start: max(other.start, buffer.start), end: min(other.end, buffer.end), size: other.size)
      }.highestLoad
    }
    func area(_ index: Int) -> Int { buffers[index].duration * buffers[index].size }
    let keys: [(Int) -> (Int, Int, Int)] = [
      { (buffers[$0].duration, area($0), loads[$0]) },
      { (loads[$0], buffers[$0].duration, area($0)) },
      { (loads[$0], area($0), buffers[$0].duration) },
    ]
    return keys.map { key in
      buffers.indices.sorted { first, second in
        let values = (key(first), key(second))
        return values.0 == values.1 ? first < second : values.0 > values.1
      }
    }
  }
}
