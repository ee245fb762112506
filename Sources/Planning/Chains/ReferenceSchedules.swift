/// Schedules that need no planning, to compare others with.
extension Chain {
  /// Keeps every stage's tape of the given number; the last tape where there are fewer.
  package func storingAll(option: Int = 0) -> [ChainAction] {
    segment(0..<count, option: option, endsWithLoss: true)
  }

  /// Divides the chain into equal segments and runs all but the last a second time.
  ///
  /// There are from 1 to L segments, of L divided by their number, rounded down; the last takes the
  /// stages that are left over (Chen and others 2016, arXiv 1604.06174, section 4).
  package func storingSegments(_ segmentCount: Int) -> [ChainAction] {
    precondition((1...max(1, count)).contains(segmentCount), "from 1 to \(count) segments")
    let length = count / segmentCount
    let last = length * (segmentCount - 1)
    var actions = (0..<last).map { stage -> ChainAction in
      stage % length == 0 ? .checkpoint(stage) : .advance(stage)
    }
    actions += segment(last..<count, option: 0, endsWithLoss: true)
    for start in stride(from: last - length, through: 0, by: -max(1, length)) {
      actions += segment(start..<start + length, option: 0, endsWithLoss: false)
    }
    return actions
  }

  /// The numbers of segments worth trying: all of them for a short chain, or all that differ much.
  package var usefulSegmentCounts: [Int] {
    Set((1...max(1, count)).map { count / max(1, count / $0) }).sorted()
  }

  private func segment(
    _ stages: Range<Int>, option: Int, endsWithLoss: Bool
  ) -> [ChainAction] {
    stages.map { .tape($0, option: min(option, self.stages[$0].tapes.count - 1)) }
      + (endsWithLoss ? [.loss] : []) + stages.reversed().map { .backward($0) }
  }
}
