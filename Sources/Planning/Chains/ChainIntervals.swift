/// Which parts of a long chain a planner looks at, and where it may cut them.
///
/// A part is the stages from `start` to `last`. All parts of a chain of up to `exactCount` stages
/// are looked at. Of a longer one only those that are shorter than `spacing` or end right before a
/// multiple of it (or at the end): L·(spacing + L / spacing) instead of L² / 2.
struct ChainIntervals {
  /// The longest chain of which all parts are looked at.
  static let exactCount = 128

  /// The number of stages, L; the loss counts as stage L.
  let count: Int
  /// The distance between the places where a part may end.
  let spacing: Int
  private let ends: [Int]

  init(count: Int) {
    self.count = count
    // About the square root of L / 2 would give the fewest parts; finer cuts lose less.
    spacing = count <= ChainIntervals.exactCount ? count + 1 : 32
    ends =
      spacing > count
      ? [count] : Array(stride(from: spacing - 1, to: count, by: spacing)) + [count]
  }

  /// The last stages of the parts that begin at a stage, in ascending order.
  func lasts(from start: Int) -> [Int] {
    let near = start...min(start + spacing - 1, count)
    return Array(near) + ends.filter { $0 > near.upperBound }
  }

  /// The position of a part among those that begin at the same stage; nil if it is not looked at.
  func position(start: Int, last: Int) -> Int? {
    let near = min(start + spacing - 1, count)
    if last <= near { return last - start }
    guard last == count || (last + 1) % spacing == 0 else { return nil }
    let index = last == count ? ends.count - 1 : last / spacing
    // The ends before `near` are among the near ones.
    let skipped = near == count ? ends.count : (near + 1) / spacing
    return near - start + 1 + index - skipped
  }

  /// Where a part may be cut: the first stages of possible second parts.
  func cuts(start: Int, last: Int) -> [Int] {
    guard last > start else { return [] }
    let near = start + 1...min(start + spacing, last)
    let firstFar = (near.upperBound / spacing + 1) * spacing
    return Array(near) + stride(from: firstFar, through: last, by: spacing)
  }
}
