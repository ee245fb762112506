import KernelInterface

extension NativeKernels {
  @inline(__always)
  package var panelWidth: Int { 2 * NativeVector.scalarCount }

  @inline(never)
  package func packPanel(
    _ plan: CorrelationPlan, slice: WeightSlice, panel: Int, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, panels: UnsafeMutablePointer<Float>,
    packedBias: UnsafeMutablePointer<Float>
  ) {
    let layout = PanelLayout(plan, slice)
    let group = slice.groups.lowerBound &+ panel / layout.panelsPerGroup
    let run = layout.run(panel % layout.panelsPerGroup)
    let firstLane = slice.lanes.lowerBound &+ run.first
    let biasStart = layout.biasOffset(group: group, run: run)
    for lane in 0..<run.width {
      let channel =
        group &* plan.groupDestinationChannels &+ (firstLane &+ lane)
        % plan.groupDestinationChannels
      unsafe packedBias[biasStart + lane] =
        lane < run.channels ? (bias.map { unsafe $0[channel] } ?? 0) : 0
    }
    var target =
      unsafe panels + layout.offset(group: group, run: run, channel: slice.channels.lowerBound)
    let start =
      unsafe weights + group &* plan.weightGroupStride
      + firstLane &* plan.weightDestinationStride
    let channels = slice.channels
    for firstChannel in stride(
      from: channels.lowerBound, to: channels.upperBound, by: plan.channelBlock)
    {
      let block = min(plan.channelBlock, channels.upperBound &- firstChannel)
      for depth in 0..<plan.depth.taps {
        for height in 0..<plan.height.taps {
          for width in 0..<plan.width.taps {
            if plan.laneBlock > 1 {
              let row = plan.weightTap(depth, height, 0) &- plan.width.weightStart
              let source =
                unsafe weights + row &* plan.weightTapStride
                + firstChannel &* plan.weightSourceStride
              unsafe packLaneBlock(plan, source, tap: width, block: block, run: run, target)
            } else {
              let tap = plan.weightTap(depth, height, width)
              let source =
                unsafe start + tap &* plan.weightTapStride
                + firstChannel &* plan.weightSourceStride
              unsafe packTap(plan, source, block: block, run: run, target)
            }
            unsafe target += block &* run.width
          }
        }
      }
    }
  }

  /// Packs the weights that one tap has for the positions of a lane block: zeros for those whose
  /// window does not hold it.
  private func packLaneBlock(
    _ plan: CorrelationPlan, _ row: UnsafePointer<Float>, tap: Int, block: Int,
    run: PanelLayout.Run, _ target: UnsafeMutablePointer<Float>
  ) {
    let channels = plan.groupDestinationChannels
    for lane in 0..<run.width {
      let position = (run.first &+ lane) / channels
      let channel = (run.first &+ lane) % channels
      let index =
        plan.width.weightStart &+ tap &* plan.width.weightStep
        &+ position &* plan.laneWeightStep
      let exists = lane < run.channels && index >= 0 && index < plan.kernelExtent.width
      for sourceChannel in 0..<block {
        let place =
          index &* plan.weightTapStride &+ sourceChannel &* plan.weightSourceStride
          &+ channel &* plan.weightDestinationStride
        unsafe target[sourceChannel &* run.width &+ lane] = exists ? row[place] : 0
      }
    }
  }

  /// Packs the weights of one tap: for each of `block` channels that are read, one group of vectors.
  @inline(__always)
  private func packTap(
    _ plan: CorrelationPlan, _ source: UnsafePointer<Float>, block: Int, run: PanelLayout.Run,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let sourceStride = plan.weightSourceStride
    let destinationStride = plan.weightDestinationStride
    for channel in 0..<block {
      let row = unsafe target + channel &* run.width
      let numbers = unsafe source + channel &* sourceStride
      if destinationStride == 1, run.channels == run.width {
        for lane in stride(from: 0, to: run.width, by: NativeVector.scalarCount) {
          unsafe storeVector(loadVector(numbers, lane), row, lane)
        }
      } else {
        for lane in 0..<run.channels {
          unsafe row[lane] = numbers[lane &* destinationStride]
        }
        for lane in run.channels..<run.width {
          unsafe row[lane] = 0
        }
      }
    }
  }
}

extension CorrelationPlan {
  /// The index, in the weights as the user gave them, of a tap of this pass.
  func weightTap(_ depth: Int, _ height: Int, _ width: Int) -> Int {
    let plane = self.depth.weightStart &+ depth &* self.depth.weightStep
    let row = self.height.weightStart &+ height &* self.height.weightStep
    let column = self.width.weightStart &+ width &* self.width.weightStep
    return (plane &* kernelExtent.height &+ row) &* kernelExtent.width &+ column
  }
}

/// Where the packed weights of a slice lie: by group, then by run of output channels, then by block of
/// input channels; in each block by tap, then by input channel, then by output channel.
struct PanelLayout {
  /// A run of output channels of one group, counted from the slice's first: as wide as two vectors,
  /// but for a last one of one.
  struct Run {
    var first: Int
    var channels: Int
    var width: Int
    var vectors: Int { width / NativeVector.scalarCount }
  }

  let firstGroup: Int
  let firstChannel: Int
  let lanes: Int
  let rowsPerPanel: Int
  let taps: Int

  init(_ plan: CorrelationPlan, _ slice: WeightSlice) {
    firstGroup = slice.groups.lowerBound
    firstChannel = slice.channels.lowerBound
    lanes = slice.lanes.count
    taps = plan.taps
    rowsPerPanel = taps &* slice.channels.count
  }

  var panelsPerGroup: Int {
    (lanes &+ 2 &* NativeVector.scalarCount &- 1) / (2 &* NativeVector.scalarCount)
  }

  var paddedChannels: Int {
    (lanes &+ NativeVector.scalarCount &- 1) / NativeVector.scalarCount &* NativeVector.scalarCount
  }

  @inline(__always)
  func run(_ index: Int) -> Run {
    let first = index &* 2 &* NativeVector.scalarCount
    let left = lanes &- first
    let width =
      left > NativeVector.scalarCount
      ? 2 &* NativeVector.scalarCount
      : NativeVector.scalarCount
    return Run(first: first, channels: min(left, width), width: width)
  }

  /// Where the bias of a run lies, in floats.
  @inline(__always)
  func biasOffset(group: Int, run: Run) -> Int {
    (group &- firstGroup) &* paddedChannels &+ run.first
  }

  /// Where the weights of a block that begins with input channel `channel` lie, in floats.
  @inline(__always)
  func offset(group: Int, run: Run, channel: Int) -> Int {
    rowsPerPanel &* biasOffset(group: group, run: run)
      &+ taps &* (channel &- firstChannel) &* run.width
  }
}
