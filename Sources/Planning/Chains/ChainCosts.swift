/// The least cost of one part of a chain, for every amount of memory.
///
/// The cost never rises with memory. Only the amounts between the least that is enough and the
/// least with which the cost is the lowest of all are held.
struct ChainCosts {
  /// The least memory that is enough, in units; `Int.max` if none is.
  private(set) var first = Int.max
  /// The costs for `first`, `first` + 1, …; the last one stays for all more memory.
  private(set) var costs: [Float] = []

  /// The cost with so much memory; infinite if it is not enough.
  func cost(memory: Int) -> Float {
    guard memory >= first, let last = costs.last else { return .infinity }
    return memory - first < costs.count ? costs[memory - first] : last
  }

  /// The least memory with which the cost is the lowest.
  fileprivate var saturation: Int { first + costs.count - 1 }
}

/// The costs of a part while its alternatives are compared.
struct ChainCostsBuilder {
  private var costs: [Float]
  private let capacity: Int
  private var used = 0

  /// Room for memory from 0 to `capacity` units.
  init(capacity: Int) {
    self.capacity = capacity
    costs = [Float](repeating: .infinity, count: capacity + 1)
  }

  /// Begins a part whose cost is the lowest with `saturation` units at the latest.
  mutating func begin(saturation: Int) {
    used = min(max(saturation, 0), capacity) + 1
    for memory in 0..<used { costs[memory] = .infinity }
  }

  /// Offers a cost that is the same for all memory from `least` on.
  mutating func offer(_ cost: Float, least: Int) {
    guard least < used else { return }
    for memory in least..<used { costs[memory] = min(costs[memory], cost) }
  }

  /// Offers `constant` + `rest` with `reserved` units less, for memory from `least` on.
  mutating func offer(_ constant: Float, then rest: ChainCosts, reserved: Int, least: Int) {
    offer(constant, rest, reserved: reserved, ChainCostsBuilder.free, least: least)
  }

  private static let free: ChainCosts = {
    var builder = ChainCostsBuilder(capacity: 0)
    builder.begin(saturation: 0)
    builder.offer(0, least: 0)
    return builder.finish()
  }()

  /// Offers `constant` + `second` with `reserved` units less + `first` with all, for memory from
  /// `least` on.
  mutating func offer(
    _ constant: Float, _ second: ChainCosts, reserved: Int, _ first: ChainCosts, least: Int
  ) {
    guard let secondLowest = second.costs.last, let firstLowest = first.costs.last else { return }
    let least = max(least, second.first + reserved, first.first)
    // Costs never rise with memory: an offer that at its lowest is not below the highest of what
    // there is does not help.
    guard least < used, constant + secondLowest + firstLowest < costs[least] else { return }

    let secondEnd = min(max(least, second.saturation + reserved), used)
    let firstEnd = min(max(least, first.saturation), used)
    let secondOffset = reserved + second.first
    let bothEnd = min(secondEnd, firstEnd)
    if least < bothEnd {
      let range = least..<bothEnd
      lower(
        &costs, from: range.lowerBound, constant,
        second.costs.span.extracting(shifted(range, by: secondOffset)),
        first.costs.span.extracting(shifted(range, by: first.first)))
    }
    if bothEnd < firstEnd {
      let range = bothEnd..<firstEnd
      lower(
        &costs, from: range.lowerBound, constant + secondLowest,
        first.costs.span.extracting(shifted(range, by: first.first)))
    } else if bothEnd < secondEnd {
      let range = bothEnd..<secondEnd
      lower(
        &costs, from: range.lowerBound, constant + firstLowest,
        second.costs.span.extracting(shifted(range, by: secondOffset)))
    }
    offer(constant + secondLowest + firstLowest, least: max(secondEnd, firstEnd))
  }

  /// The costs of the part that was begun last.
  func finish() -> ChainCosts {
    var result = ChainCosts()
    guard used > 0, costs[used - 1] < .infinity else { return result }
    // Both ends are found by bisection, since costs never rise.
    let lowest = costs[used - 1]
    let first = ChainCostsBuilder.firstIndex(below: used) { costs[$0] < .infinity }
    let last = ChainCostsBuilder.firstIndex(below: used) { costs[$0] <= lowest }
    result.set(first: first, costs: Array(costs[first...last]))
    return result
  }

  /// The first index for which a condition holds that holds for all larger ones too.
  private static func firstIndex(below end: Int, where holds: (Int) -> Bool) -> Int {
    var low = 0
    var high = end - 1
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension ChainCosts {
  fileprivate mutating func set(first: Int, costs: [Float]) {
    self.first = first
    self.costs = costs
  }
}

private func shifted(_ range: Range<Int>, by offset: Int) -> Range<Int> {
  range.lowerBound - offset..<range.upperBound - offset
}

// The two loops in which planning spends its time; on spans, so that they are vectorised.

private func lower(
  _ costs: inout [Float], from start: Int, _ constant: Float, _ first: Span<Float>,
  _ second: Span<Float>
) {
  var target = costs.mutableSpan
  for index in first.indices {
    target[start + index] = min(target[start + index], constant + first[index] + second[index])
  }
}

private func lower(
  _ costs: inout [Float], from start: Int, _ constant: Float, _ first: Span<Float>
) {
  var target = costs.mutableSpan
  for index in first.indices {
    target[start + index] = min(target[start + index], constant + first[index])
  }
}
