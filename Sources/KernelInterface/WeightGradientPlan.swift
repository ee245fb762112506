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
  package let region: CorrelationPlan.Region
  package let regionCount: CorrelationPlan.Region
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
    let wanted = isDepthwise ? Self.wantedDepthwisePositions : Self.wantedPositions
    let merges =
      !isDepthwise && kernel.width > 1 && geometry.dilation.width == 1 && channels <= 7
      && kernel.width <= 64
    mergesWidth = merges
    let largest = geometry.groupOutputChannels <= 16 ? 16 : 14
    let blocks = merges || isDepthwise ? 1 : Self.parts(channels, largest)
    let pairs = Self.parts(channels, 2)
    let block = merges ? channels : 2 * Self.parts(pairs, blocks)
    blockCount = blocks
    channelBlock = block

    let output = geometry.outputExtent
    var region = CorrelationPlan.Region()
    region.width = Self.even(output.width, wanted)
    if region.width == output.width {
      region.height = Self.even(output.height, wanted / region.width)
      if region.height == output.height {
        region.depth = Self.even(output.depth, wanted / region.width / region.height)
        if region.depth == output.depth {
          region.images = Self.even(
            geometry.batchSize,
            wanted / region.width / region.height / region.depth)
        }
      }
    }
    while !isDepthwise, Self.packedCount(geometry, region, block) > Self.packedLimit,
      region.volume > 1
    {
      if region.images > 1 {
        region.images = (region.images + 1) / 2
      } else if region.depth > 1 {
        region.depth = (region.depth + 1) / 2
      } else if region.height > 1 {
        region.height = (region.height + 1) / 2
      } else {
        region.width = (region.width + 1) / 2
      }
    }
    self.region = region
    regionCount = CorrelationPlan.Region(
      images: Self.parts(geometry.batchSize, region.images),
      depth: Self.parts(output.depth, region.depth),
      height: Self.parts(output.height, region.height),
      width: Self.parts(output.width, region.width))

    let gradientCount = geometry.weightCount + geometry.outputChannels
    let affordable = min(8, Self.partialLimit / gradientCount)
    if isDepthwise {
      positionParts = max(1, min(affordable, regionCount.volume))
      outputParts = 1
      inputParts = 1
    } else if affordable >= 4 {
      positionParts = min(affordable, regionCount.volume)
      outputParts = 1
      inputParts = 1
    } else {
      positionParts = 1
      let ranges = max(1, min(8, geometry.groupOutputChannels / 64))
      outputParts = ranges
      inputParts = max(1, min(blocks, (3 + geometry.groups * ranges) / (geometry.groups * ranges)))
    }
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
    let blocks = Self.parts(geometry.groupOutputChannels, 32)
    return Self.parts(blocks, outputParts) * 32
  }

  /// The blocks of input channels of one part.
  package func blocks(ofInputPart part: Int) -> Range<Int> {
    blockCount * part / inputParts..<blockCount * (part + 1) / inputParts
  }

  /// The channels of one block: an even number, but for the last, so that the two halves of a tile
  /// share none.
  package func channels(ofBlock block: Int) -> Range<Int> {
    if blockCount == 1 { return 0..<geometry.groupInputChannels }
    let pairs = Self.parts(geometry.groupInputChannels, 2)
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
  package func packedExtent(_ region: CorrelationPlan.Region) -> Extent3 {
    Self.packedExtent(geometry, region)
  }

  /// Positions whose numbers stay in the first-level cache while all taps visit them.
  private static let wantedPositions = 112
  /// The same for 64 channels of a depthwise convolution, where many taps share one channel.
  private static let wantedDepthwisePositions = 112
  /// The packed input of a region, in floats.
  private static let packedLimit = 48 * 1024
  /// All partial gradients, in floats.
  private static let partialLimit = 160 * 1024

  private static func packedExtent(
    _ geometry: ConvolutionGeometry, _ region: CorrelationPlan.Region
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
    _ geometry: ConvolutionGeometry, _ region: CorrelationPlan.Region, _ block: Int
  ) -> Int {
    region.images * packedExtent(geometry, region).volume * block
  }

  private static func parts(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

  /// The size of parts of about `wanted` that divide `count` evenly.
  private static func even(_ count: Int, _ wanted: Int) -> Int {
    parts(count, parts(count, max(wanted, 1)))
  }
}
