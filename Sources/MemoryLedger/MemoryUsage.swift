/// A quantity over time: what it is, the highest it has been, and all that was ever added.
public struct MemoryCounter: Equatable, Sendable {
  /// What stands now.
  public package(set) var current: Int
  /// The highest that has stood at once.
  public package(set) var peak: Int
  /// Everything that was ever added; removing does not lower it.
  public package(set) var total: Int

  /// Creates a counter from its three numbers.
  public init(current: Int = 0, peak: Int = 0, total: Int = 0) {
    self.current = current
    self.peak = peak
    self.total = total
  }

  mutating func add(_ amount: Int) {
    current += amount
    total += amount
    peak = max(peak, current)
  }

  mutating func remove(_ amount: Int) {
    current -= amount
  }
}

/// What blocks take: requested bytes, the bytes that the allocator sets aside, and their number.
public struct MemoryUsage: Equatable, Sendable {
  /// Requested bytes: what was asked for.
  ///
  /// Forecasts, limits and assertions speak in these.
  public package(set) var bytes = MemoryCounter()
  /// Usable bytes: the requests rounded up to the allocator's size classes.
  public package(set) var usableBytes = MemoryCounter()
  /// The number of blocks.
  public package(set) var blocks = MemoryCounter()

  /// Creates a usage of nothing.
  public init() {}

  mutating func add(bytes byteCount: Int, usable: Int) {
    bytes.add(byteCount)
    usableBytes.add(usable)
    blocks.add(1)
  }

  mutating func remove(bytes byteCount: Int, usable: Int) {
    bytes.remove(byteCount)
    usableBytes.remove(usable)
    blocks.remove(1)
  }
}
