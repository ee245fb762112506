/// The weights of a gathering pass that are packed at a time.
///
/// All of them where they are few; else a range of written channels and a range of read channels of
/// one group, so that what is packed stays within its share of the scratch.
package struct WeightSlice: Hashable, Sendable {
  package var groups: Range<Int>
  /// The numbers of a group side by side: written channels, or those of a lane block.
  package var lanes: Range<Int>
  /// The channels of a group that are read.
  package var channels: Range<Int>
}

extension CorrelationPlan {
  /// The largest slice; the others are as large but for the last.
  package var largestSlice: WeightSlice {
    WeightSlice(
      groups: 0..<min(groups, sliceGroups), lanes: 0..<min(groupLanes, sliceLanes),
      channels: 0..<min(groupSourceChannels, sliceChannels))
  }

  /// The number of slices.
  package var sliceCount: Int {
    partCount(groups, sliceGroups) * partCount(groupLanes, sliceLanes)
      * partCount(groupSourceChannels, sliceChannels)
  }

  /// A slice; those of the same written channels follow each other in the order of what they read.
  package func slice(_ index: Int) -> WeightSlice {
    func range(_ index: Int, _ size: Int, _ count: Int) -> Range<Int> {
      index * size..<min(count, (index + 1) * size)
    }
    let channelParts = partCount(groupSourceChannels, sliceChannels)
    let laneParts = partCount(groupLanes, sliceLanes)
    return WeightSlice(
      groups: range(index / channelParts / laneParts, sliceGroups, groups),
      lanes: range(index / channelParts % laneParts, sliceLanes, groupLanes),
      channels: range(index % channelParts, sliceChannels, groupSourceChannels))
  }

  /// Floats that the packed weights of a slice take, for the widest vectors.
  package var panelCount: Int {
    guard !isDepthwise else { return 0 }
    let slice = largestSlice
    return slice.groups.count * taps * slice.channels.count * Self.paddedChannels(slice.lanes.count)
  }

  /// Floats that the packed bias of a slice takes, for the widest vectors.
  package var biasCount: Int {
    isDepthwise ? 0 : largestSlice.groups.count * Self.paddedChannels(largestSlice.lanes.count)
  }

  /// Output channels rounded up to whole vectors of sixteen; narrower vectors need no more.
  package static func paddedChannels(_ channels: Int) -> Int { partCount(channels, 16) * 16 }

  /// The packed weights of a slice, in floats.
  private static let sliceLimit = 160 * 1024
  /// The written channels of a slice where not all fit: what is read is copied once for as many, and
  /// what is written is read again for each slice of what is read.
  private static let slicedLanes = 256

  /// Chooses how much is packed at a time.
  mutating func chooseSlices() {
    let lanes = Self.paddedChannels(groupLanes)
    let groupCount = max(1, taps * groupSourceChannels * lanes)
    sliceChannels = groupSourceChannels
    sliceLanes = groupLanes
    sliceGroups = groups
    if groupCount <= Self.sliceLimit {
      sliceGroups = min(groups, Self.sliceLimit / groupCount)
      return
    }
    sliceGroups = 1
    sliceLanes = min(groupLanes, evenSize(lanes, Self.slicedLanes, multiple: 32))
    let affordable = Self.sliceLimit / (taps * Self.paddedChannels(sliceLanes))
    sliceChannels = evenSize(groupSourceChannels, affordable, multiple: channelBlock)
  }
}
