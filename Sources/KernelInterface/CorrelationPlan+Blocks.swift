extension CorrelationPlan {
  /// Weights of a channel block, in floats of one output channel: 32 of these fill half of the
  /// first-level cache.
  private static let blockTaps = 288
  /// The packed source of a region, in floats: a share of the second-level cache.
  private static let packedLimit = 48 * 1024
  /// The same where it is read in place: more channels lie between.
  private static let readLimit = 56 * 1024
  /// What a region writes, in floats.
  private static let writtenLimit = 64 * 1024
  /// At least so many tasks, where there are enough positions, keep a few threads evenly busy.
  private static let fewestTasks = 16
  /// A task smaller than this many positions is not worth handing out.
  private static let fewestPositions = 14

  /// Whether the packed source fits its scratch; where a window spans too much, the plain
  /// implementation serves.
  package var isFeasible: Bool { packedCount <= 4 * Self.packedLimit }

  /// Chooses lanes, channels, positions and weights that are done at a time.
  mutating func chooseBlocks(_ block: LaneBlock?) {
    if let block {
      width = block.axis
      laneBlock = block.positions
      laneWeightStep = block.weightStep
    }
    readsInPlace = depth.isInside && height.isInside && width.isInside
    chooseChannels()
    chooseRegion()
    while !readsInPlace, packedCount > Self.packedLimit, region.volume > 1 {
      region.shrink()
    }
    while !isFeasible, channelBlock > 1 {
      channelBlock = (channelBlock + 1) / 2
    }
    regionCount = region.count(in: positions)
    chooseSlices()
  }

  /// All written positions of one phase.
  private var positions: MapRegion {
    MapRegion(images: batchSize, depth: depth.count, height: height.count, width: width.count)
  }

  private mutating func chooseChannels() {
    let widest = max(8, Self.blockTaps / max(1, taps) / 8 * 8)
    let multiple = widest >= 16 ? 16 : 8
    channelBlock =
      groupSourceChannels <= widest
      ? groupSourceChannels : evenSize(groupSourceChannels, widest, multiple: multiple)
  }

  private mutating func chooseRegion() {
    let positions = positions
    var wanted = min(
      positions.volume / Self.fewestTasks,
      Self.writtenLimit / (isDepthwise ? groups : groupLanes))
    if readsInPlace && !isDepthwise {
      wanted = min(wanted, Self.readLimit / channelBlock)
    }
    wanted = max(wanted, Self.fewestPositions)
    if width.count <= wanted + wanted / 2 { wanted = max(wanted, width.count) }
    region = MapRegion(of: positions, wanted: wanted, widthStep: 14)
  }
}
