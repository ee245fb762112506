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
  /// The groups, lanes and read channels whose weights are packed at a time; see `WeightSlice`.
  package var sliceGroups = 1
  package var sliceLanes = 1
  package var sliceChannels = 1
  /// Whether the source is read in place: no window reaches over the border.
  package var readsInPlace = false
  /// The written positions of one task, and how many such regions there are along each axis.
  package var region = MapRegion()
  package var regionCount = MapRegion()

  package var groupSourceChannels: Int { sourceChannels / groups }
  package var groupDestinationChannels: Int { destinationChannels / groups }
  /// The numbers side by side in packed weights: channels of a group, or of a lane block.
  package var groupLanes: Int { groupDestinationChannels * laneBlock }
  package var taps: Int { depth.taps * height.taps * width.taps }
  package var taskCount: Int { regionCount.volume }

  /// The positions of one packed image of a region, along each axis.
  package func packedExtent(_ region: MapRegion) -> Extent3 {
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
}
