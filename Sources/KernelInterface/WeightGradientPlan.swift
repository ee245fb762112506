/// How the weight gradient is done: which part of it and which positions each task takes.
///
/// Small gradients are summed over several parts of the positions side by side, each into a buffer of
/// its own, and the buffers are added in a fixed order. Large ones are cut into ranges of channels.
/// A pure function of the geometry: neither the threads nor the instruction set change it.
package struct WeightGradientPlan: Hashable, Sendable {
  package let geometry: ConvolutionGeometry
  /// Whether every group has one channel on either side: channels are vectors, nothing is packed.
  package let isDepthwise: Bool
  /// The most input channels that are packed and multiplied at a time.
  package let channelBlock: Int
  /// The number of blocks of input channels of a group.
  package let blockCount: Int
  /// Whether the taps of a kernel row, with their channels, are taken as one run of numbers.
  package let mergesWidth: Bool
  /// The output positions that are packed at a time, and how many such regions there are.
  package let region: MapRegion
  package let regionCount: MapRegion
  /// The number of parts of the positions; 1 where tasks write into the gradient itself.
  package let positionParts: Int
  /// The number of ranges of output channels of a group.
  package let outputParts: Int
  /// The number of ranges of input channels of a group.
  package let inputParts: Int

  /// Creates the plan of a geometry.
  package init(_ original: ConvolutionGeometry) {
    let geometry = original.pointwiseFlattened
    let channels = geometry.groupInputChannels
    let kernel = geometry.kernelExtent
    self.geometry = geometry
    let isDepthwise =
      geometry.groups > 1 && geometry.groups == geometry.inputChannels
      && geometry.groups == geometry.outputChannels
    self.isDepthwise = isDepthwise
    // Merged rows make better tiles of few channels; where they are wide, what the taps at the border
    // are multiplied with in vain is little.
    let merges =
      !isDepthwise && kernel.width > 1 && geometry.dilation.width == 1 && kernel.width <= 64
      && (channels <= 7 || channels <= 16 && geometry.outputExtent.width >= 24)
    mergesWidth = merges
    let largest = geometry.groupOutputChannels <= 16 ? 16 : 14
    let blocks = merges || isDepthwise ? 1 : partCount(channels, largest)
    let pairs = partCount(channels, 2)
    let block = merges ? channels : 2 * partCount(pairs, blocks)
    blockCount = blocks
    channelBlock = block

    let gradientCount = geometry.weightCount + geometry.outputChannels
    let affordable = min(8, Self.partialLimit / gradientCount)
    let isPartial = isDepthwise || affordable >= 4
    outputParts = isPartial ? 1 : max(1, min(8, geometry.groupOutputChannels / 64))
    let output = geometry.outputExtent
    let positions = MapRegion(
      images: geometry.batchSize, depth: output.depth, height: output.height, width: output.width)
    var region = MapRegion(
      of: positions,
      wanted: isDepthwise
        ? Self.wantedDepthwisePositions
        : Self.wantedPositions(
          of: positions.volume, taps: kernel.volume,
          outputs: partCount(geometry.groupOutputChannels, outputParts),
          isPartial: isPartial))
    while !isDepthwise, Self.packedCount(geometry, region, block) > Self.packedLimit,
      region.volume > 1
    {
      region.shrink()
    }
    self.region = region
    regionCount = region.count(in: positions)
    positionParts = isPartial ? max(1, min(affordable, regionCount.volume)) : 1
    let ranges = geometry.groups * outputParts
    inputParts = isPartial ? 1 : max(1, min(blocks, (3 + ranges) / ranges))
  }

  /// The number of tasks, of any order.
  package var taskCount: Int {
    isDepthwise ? positionParts : positionParts * geometry.groups * outputParts * inputParts
  }

  /// Whether tasks write partial gradients, which must be summed.
  package var hasPartials: Bool { isDepthwise || positionParts > 1 }

  /// The regions of one part of the positions.
  package func regions(ofPart part: Int) -> Range<Int> {
    let regions = regionCount.volume
    return regions * part / positionParts..<regions * (part + 1) / positionParts
  }

  /// The part of the positions that a task takes.
  package func positionPart(ofTask task: Int) -> Int {
    isDepthwise ? task : task / (geometry.groups * outputParts * inputParts)
  }

  /// The output channels of one part: whole blocks of 32, but for the last part.
  package var outputPartSize: Int {
    let blocks = partCount(geometry.groupOutputChannels, 32)
    return partCount(blocks, outputParts) * 32
  }

  /// The blocks of input channels of one part.
  package func blocks(ofInputPart part: Int) -> Range<Int> {
    blockCount * part / inputParts..<blockCount * (part + 1) / inputParts
  }

  /// The channels of one block: an even number, but for the last, so that the two halves of a tile
  /// share none.
  package func channels(ofBlock block: Int) -> Range<Int> {
    if blockCount == 1 { return 0..<geometry.groupInputChannels }
    let pairs = partCount(geometry.groupInputChannels, 2)
    let start = 2 * (pairs * block / blockCount)
    let end = 2 * (pairs * (block + 1) / blockCount)
    return start..<min(end, geometry.groupInputChannels)
  }

  /// Whether the input is read in place: there is one tap, which copying would not help.
  package var readsInPlace: Bool { geometry.kernelExtent.volume == 1 }

  /// Whether the packed input fits its scratch; where a window spans too much, the plain
  /// implementation serves.
  package var isFeasible: Bool { packedCount <= 2 * Self.packedLimit }

  /// The floats of one packed block of input channels.
  package var packedCount: Int {
    isDepthwise || readsInPlace ? 0 : Self.packedCount(geometry, region, channelBlock)
  }

  /// The floats of a task's packed output gradient.
  package var packedGradientCount: Int {
    if isDepthwise { return 0 }
    let channels = min(outputPartSize, CorrelationPlan.paddedChannels(geometry.groupOutputChannels))
    return region.volume * channels
  }

  /// The floats that a task needs for the tile of an incomplete run of channels, and for zeros.
  package static let tailCount = 512 + 64

  /// The floats of the partial gradients of weights and bias.
  package var partialCount: Int {
    !hasPartials ? 0 : positionParts * (geometry.weightCount + geometry.outputChannels)
  }

  /// The positions of one packed image of a region, along each axis.
  package func packedExtent(_ region: MapRegion) -> Extent3 {
    Self.packedExtent(geometry, region)
  }

  /// The positions of a region, where there are so many: for each channel block, tap and run of
  /// output channels there is one tile, whose cost beside the sums is shared by all positions.
  private static let mostPositions = 900
  /// The packed output gradient of a region, in floats: a share of the second-level cache.
  private static let gradientLimit = 56 * 1024
  /// At least so many regions, where there are enough positions, make parts of nearly the same size.
  private static let fewestRegions = 16

  private static func wantedPositions(of count: Int, taps: Int, outputs: Int, isPartial: Bool)
    -> Int
  {
    let wanted = min(
      taps == 1 ? 224 : mostPositions, gradientLimit / CorrelationPlan.paddedChannels(outputs))
    return isPartial ? max(14, min(wanted, count / fewestRegions)) : max(14, wanted)
  }

  /// The positions of a depthwise region, whose rows stay in the first-level cache for some vectors
  /// of channels.
  private static let wantedDepthwisePositions = 112
  /// The packed input of a region, in floats.
  private static let packedLimit = 36 * 1024
  /// All partial gradients, in floats.
  private static let partialLimit = 160 * 1024

  private static func packedExtent(
    _ geometry: ConvolutionGeometry, _ region: MapRegion
  ) -> Extent3 {
    func span(_ path: SpatialAxis, _ count: Int) -> Int {
      (count - 1) * geometry.stride[path]
        + (geometry.kernelExtent[path] - 1) * geometry.dilation[path] + 1
    }
    return Extent3(
      depth: span(.depth, region.depth), height: span(.height, region.height),
      width: span(.width, region.width))
  }

  private static func packedCount(
    _ geometry: ConvolutionGeometry, _ region: MapRegion, _ block: Int
  ) -> Int {
    region.images * packedExtent(geometry, region).volume * block
  }
}
