/// What a measuring scope saw; a plain value that allocates nothing.
///
/// Two kinds of peak have two names. A *global* peak is the most that stood at once while the scope
/// was open, whoever had taken it and when. A *scope* peak is how far memory rose above the level
/// that it had when the scope began. All are requested bytes unless the name says usable.
public struct MemoryMeasurement: Equatable, Sendable {
  /// The categories whose joint peak the scope watched.
  public let watched: MemoryCategorySet
  /// What stood when the scope began.
  public let baseline: CategoryBytes
  /// What stood when the measurement was read.
  public let current: CategoryBytes
  /// Everything that was requested since the scope began, freed since or not.
  public let allocated: CategoryBytes

  /// The highest total of all categories.
  public let globalPeak: Int
  /// The highest level of each category, each at its own moment.
  public let globalPeaks: CategoryBytes
  /// The highest joint level of the watched categories.
  public let watchedGlobalPeak: Int

  /// The usable bytes of all categories when the scope began.
  public let baselineUsable: Int
  /// The highest total in usable bytes, as the allocator's size classes make it.
  public let usableGlobalPeak: Int

  /// The number of blocks, counted from the beginning of the scope.
  public let blocks: MemoryCounter

  /// How far the total rose above its level when the scope began.
  public var scopePeak: Int { globalPeak - baseline.total }
  /// How far each category rose above its level when the scope began.
  public var scopePeaks: CategoryBytes { globalPeaks - baseline }
  /// How far the watched categories rose above their level when the scope began.
  public var watchedScopePeak: Int { watchedGlobalPeak - baseline.sum(of: watched) }
  /// How far the usable bytes rose above their level when the scope began.
  public var usableScopePeak: Int { usableGlobalPeak - baselineUsable }
  /// What the scope added and did not free; negative where it freed what had stood before.
  public var change: CategoryBytes { current - baseline }
}
