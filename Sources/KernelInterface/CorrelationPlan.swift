/// How a gathering pass (the forward pass, or one phase of the data gradient) is done: what is read
/// and written, in which blocks, and by which tasks.
///
/// A pure function of the geometry: neither the threads nor the instruction set change it.
package struct CorrelationPlan: Hashable, Sendable {
  package var batchSize = 1
  package var groups = 1
  /// Channels, over all groups, of the side that is read.
  package var sourceChannels = 1
  /// Channels, over all groups, of the side that is written.
  package var destinationChannels = 1
  package var sourceExtent = Extent3(repeating: 1)
  package var destinationExtent = Extent3(repeating: 1)
  package var kernelExtent = Extent3(repeating: 1)
  package var depth = CorrelationAxis()
  package var height = CorrelationAxis()
  package var width = CorrelationAxis()
  /// Distances in the weights as the user gave them, in floats.
  package var weightSourceStride = 1
  package var weightDestinationStride = 1
  package var weightGroupStride = 1
  package var weightTapStride = 1

  /// The neighbouring positions along the width whose channels share vectors; see `LaneBlock`.
  package var laneBlock = 1
  /// The distance between the weights that one tap has for neighbouring positions of a lane block.
  package var laneWeightStep = 0

  /// The channels that are read at a time, so that their weights stay in the first-level cache.
  package var channelBlock = 1
  /// Whether the source is read in place: no window reaches over the border.
  package var readsInPlace = false
  /// The written positions of one task, and how many such regions there are along each axis.
  package var region = Region()
  package var regionCount = Region()

  /// A box of images and positions.
  package struct Region: Hashable, Sendable {
    package var images = 1
    package var depth = 1
    package var height = 1
    package var width = 1

    /// Creates a box; a single position unless said otherwise.
    package init(images: Int = 1, depth: Int = 1, height: Int = 1, width: Int = 1) {
      self.images = images
      self.depth = depth
      self.height = height
      self.width = width
    }

    package var volume: Int { images * depth * height * width }
  }

  package var groupSourceChannels: Int { sourceChannels / groups }
  package var groupDestinationChannels: Int { destinationChannels / groups }
  /// The numbers side by side in packed weights: channels of a group, or of a lane block.
  package var groupLanes: Int { groupDestinationChannels * laneBlock }
  package var taps: Int { depth.taps * height.taps * width.taps }
  package var taskCount: Int { regionCount.volume }

  /// The positions of one packed image of a region, along each axis.
  package func packedExtent(_ region: Region) -> Extent3 {
    Extent3(
      depth: (region.depth - 1) * depth.inputStep + depth.span,
      height: (region.height - 1) * height.inputStep + height.span,
      width: (region.width - 1) * width.inputStep + width.span)
  }

  /// Whether every group has one channel on either side: channels are vectors, nothing is packed.
  package var isDepthwise: Bool {
    groups > 1 && groups == sourceChannels && groups == destinationChannels
  }

  /// Floats of scratch that a task needs for its packed source.
  package var packedCount: Int {
    readsInPlace || isDepthwise || taps == 0
      ? 0 : region.images * packedExtent(region).volume * channelBlock
  }

  /// Floats that a task needs for the tile of a last, incomplete run of channels.
  package static let tailCount = 512

  /// Floats that the packed weights take, for the widest vectors.
  package var panelCount: Int {
    isDepthwise ? 0 : groups * taps * groupSourceChannels * Self.paddedChannels(groupLanes)
  }

  /// Floats that the packed bias takes, for the widest vectors.
  package var biasCount: Int {
    isDepthwise ? 0 : groups * Self.paddedChannels(groupLanes)
  }

  /// Output channels rounded up to whole vectors of sixteen; narrower vectors need no more.
  package static func paddedChannels(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
}

extension CorrelationPlan {
  /// The plan of the forward pass.
  package static func forward(_ geometry: ConvolutionGeometry) -> CorrelationPlan {
    let geometry = geometry.pointwiseFlattened
    func axis(_ path: SpatialAxis) -> CorrelationAxis {
      .forward(
        input: geometry.inputExtent[path], output: geometry.outputExtent[path],
        kernel: geometry.kernelExtent[path], stride: geometry.stride[path],
        padding: geometry.paddingBefore[path],
        dilation: geometry.dilation[path])
    }
    var plan = CorrelationPlan(
      batchSize: geometry.batchSize, groups: geometry.groups,
      sourceChannels: geometry.inputChannels, destinationChannels: geometry.outputChannels,
      sourceExtent: geometry.inputExtent, destinationExtent: geometry.outputExtent,
      kernelExtent: geometry.kernelExtent,
      depth: axis(.depth), height: axis(.height), width: axis(.width),
      weightSourceStride: geometry.outputChannels, weightDestinationStride: 1,
      weightGroupStride: geometry.groupOutputChannels,
      weightTapStride: geometry.groupInputChannels * geometry.outputChannels)
    if let block = LaneBlock.forward(geometry) { plan.apply(block) }
    plan.chooseBlocks()
    return plan
  }

  /// The number of passes that the data gradient takes along each axis: one for each input position
  /// modulo the stride.
  package static func phases(_ geometry: ConvolutionGeometry) -> Extent3 {
    let geometry = geometry.pointwiseFlattened
    return Extent3(
      depth: min(geometry.stride.depth, geometry.inputExtent.depth),
      height: min(geometry.stride.height, geometry.inputExtent.height),
      width: LaneBlock.backward(geometry) == nil
        ? min(geometry.stride.width, geometry.inputExtent.width) : 1)
  }

  /// The plan of one phase of the data gradient.
  package static func backward(
    _ geometry: ConvolutionGeometry, phase: Extent3
  ) -> CorrelationPlan {
    let geometry = geometry.pointwiseFlattened
    func axis(_ path: SpatialAxis) -> CorrelationAxis {
      .backward(
        phase: phase[path],
        input: geometry.inputExtent[path], output: geometry.outputExtent[path],
        kernel: geometry.kernelExtent[path], stride: geometry.stride[path],
        padding: geometry.paddingBefore[path],
        dilation: geometry.dilation[path])
    }
    var plan = CorrelationPlan(
      batchSize: geometry.batchSize, groups: geometry.groups,
      sourceChannels: geometry.outputChannels, destinationChannels: geometry.inputChannels,
      sourceExtent: geometry.outputExtent, destinationExtent: geometry.inputExtent,
      kernelExtent: geometry.kernelExtent,
      depth: axis(.depth), height: axis(.height), width: axis(.width),
      weightSourceStride: 1, weightDestinationStride: geometry.outputChannels,
      weightGroupStride: geometry.groupOutputChannels,
      weightTapStride: geometry.groupInputChannels * geometry.outputChannels)
    if let block = LaneBlock.backward(geometry) { plan.apply(block) }
    plan.chooseBlocks()
    return plan
  }
}

extension CorrelationPlan {
  /// Weights of a channel block, in floats of one output channel: 32 of these fill half of the
  /// first-level cache.
  private static let blockTaps = 256
  /// The packed source of a region, in floats: a share of the second-level cache.
  private static let packedLimit = 48 * 1024
  /// The same where it is read in place: more channels lie between.
  private static let readLimit = 56 * 1024
  /// What a region writes, in floats.
  private static let writtenLimit = 64 * 1024
  /// At least so many tasks, where there are enough positions, keep a few threads evenly busy.
  private static let fewestTasks = 32
  /// A task smaller than this many positions is not worth handing out.
  private static let fewestPositions = 14

  /// Whether the packed source fits its scratch; where a window spans too much, the plain
  /// implementation serves.
  package var isFeasible: Bool { packedCount <= 4 * Self.packedLimit }

  private mutating func apply(_ block: LaneBlock) {
    width = block.axis
    laneBlock = block.positions
    laneWeightStep = block.weightStep
  }

  private mutating func chooseBlocks() {
    let channels = groupSourceChannels
    readsInPlace = depth.isInside && height.isInside && width.isInside
    let widest = max(8, Self.blockTaps / max(1, taps) / 8 * 8)
    channelBlock = channels
    if channels > widest {
      let blocks = (channels + widest - 1) / widest
      channelBlock = ((channels + blocks - 1) / blocks + 7) / 8 * 8
    }
    chooseRegion()
    while !readsInPlace, packedCount > Self.packedLimit, region.volume > 1 {
      shrinkRegion()
    }
    while !isFeasible, channelBlock > 1 {
      channelBlock = (channelBlock + 1) / 2
    }
    regionCount = Region(
      images: Self.parts(batchSize, region.images),
      depth: Self.parts(depth.count, region.depth),
      height: Self.parts(height.count, region.height),
      width: Self.parts(width.count, region.width))
  }

  /// Fills the region from the innermost axis outwards.
  private mutating func chooseRegion() {
    let positions = batchSize * depth.count * height.count * width.count
    var wanted = min(
      positions / Self.fewestTasks, Self.writtenLimit / (isDepthwise ? groups : groupLanes))
    if readsInPlace && !isDepthwise {
      wanted = min(wanted, Self.readLimit / channelBlock)
    }
    wanted = max(wanted, Self.fewestPositions)
    region = Region()
    region.width =
      width.count <= wanted + wanted / 2
      ? width.count : Self.even(width.count, wanted / 14 * 14, multiple: 14)
    wanted /= region.width
    guard region.width == width.count else { return }
    region.height = Self.even(height.count, wanted, multiple: 1)
    wanted /= region.height
    guard region.height == height.count else { return }
    region.depth = Self.even(depth.count, wanted, multiple: 1)
    wanted /= region.depth
    guard region.depth == depth.count else { return }
    region.images = Self.even(batchSize, wanted, multiple: 1)
  }

  private mutating func shrinkRegion() {
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

  private static func parts(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

  /// The size of parts of about `wanted` that divide `count` as evenly as `multiple` allows.
  private static func even(_ count: Int, _ wanted: Int, multiple: Int) -> Int {
    let number = parts(count, max(wanted, multiple))
    return min(count, parts(parts(count, number), multiple) * multiple)
  }
}

extension ConvolutionGeometry {
  /// The same convolution with all positions of all images in one row, if every window is a single
  /// position of its own; else this one.
  package var pointwiseFlattened: ConvolutionGeometry {
    let one = Extent3(repeating: 1)
    let none = Extent3(repeating: 0)
    guard kernelExtent == one, stride == one, paddingBefore == none, paddingAfter == none else {
      return self
    }
    let row = Extent3(depth: 1, height: 1, width: batchSize * inputExtent.volume)
    let flattened = try? ConvolutionGeometry(
      batchSize: 1, inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
      inputExtent: row, kernelExtent: one)
    return flattened ?? self
  }
}
