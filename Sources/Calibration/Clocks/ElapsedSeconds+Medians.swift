import Execution

extension [ElapsedSeconds] {
  /// The median of the seconds that went by.
  package var medianWall: Double { median(map(\.wall)) }

  /// The median of the processor time.
  package var medianProcessor: Double { median(map(\.processor)) }

  /// The median of the ratios of processor times to those of other samples, each made beside the one
  /// with the same index.
  package func medianRatio(to others: [ElapsedSeconds]) -> Double {
    median(zip(self, others).map { $0.processor / $1.processor })
  }
}
