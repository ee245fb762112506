import MemoryLedger
import Networks

/// Values wait in a file between the passes, and go to and fro through some staging memory.
public struct Spilling: Hashable, Sendable {
  /// The bytes of staging memory: what may be on its way to or from the file at once.
  public let stagingByteCount: Int

  /// The least staging memory: two pieces that are worth a system call.
  public static let smallestStagingByteCount = 64 << 10

  /// The most staging memory: above any machine, and low enough that no sum of bytes overflows.
  public static let largestStagingByteCount = 1 << 50

  /// Values of fewer bytes stay in memory: they would save little and cost as much as a large one.
  static let smallestValueByteCount = 64 << 10

  /// Describes spilling.
  ///
  /// - Parameter stagingByteCount: The bytes of staging memory.
  /// - Throws: `ScheduleError` if that is less than `smallestStagingByteCount` or more than
  ///   `largestStagingByteCount`.
  public init(stagingByteCount: Int) throws(ScheduleError) {
    guard stagingByteCount >= Self.smallestStagingByteCount else {
      throw ScheduleError(
        "spill:\(Strategy.spelling(ofSize: stagingByteCount)) must have at least "
          + "\(Strategy.spelling(ofSize: Self.smallestStagingByteCount)) of staging memory")
    }
    guard stagingByteCount <= Self.largestStagingByteCount else {
      throw ScheduleError(
        "spill:\(Strategy.spelling(ofSize: stagingByteCount)) must have at most "
          + "\(Strategy.spelling(ofSize: Self.largestStagingByteCount)) of staging memory")
    }
    self.stagingByteCount = stagingByteCount
  }

  /// The representations of the values that wait in the file.
  func representations(in network: Network, batchSize: Int) -> [NodeID: Representation] {
    var chosen: [NodeID: Representation] = [:]
    for value in network.inexactValues(whole: [], kind: .spilled)
    where network.nodes[value].outputShape.byteCount(batchSize: batchSize)
      >= Self.smallestValueByteCount
    {
      chosen[value] = .spilled(stagingByteCount: stagingByteCount)
    }
    return chosen
  }
}
