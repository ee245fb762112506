import KernelInterface

extension NativeKernels {
  @inline(never)
  package func correlateWeights(
    _ plan: WeightGradientPlan, task: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let geometry = plan.geometry
    let panels = unsafe scratch + WeightGradientPlan.tailCount
    let worker = unsafe WeightGradient(
      plan: plan, geometry: geometry, share: WeightGradient.Share(plan, task: task),
      depth: TapAxis(geometry, .depth), height: TapAxis(geometry, .height),
      width: TapAxis(geometry, .width),
      input: SourceMap(
        input, batchSize: geometry.batchSize, extent: geometry.inputExtent,
        channels: geometry.inputChannels),
      outputGradient: outputGradient, weightGradient: weightGradient, biasGradient: biasGradient,
      accumulate: accumulate, tail: scratch, panels: panels,
      packed: panels + plan.packedGradientCount)
    unsafe worker.run()
  }

  @inline(never)
  package func sumParts(
    _ source: UnsafePointer<Float>, parts: Int, distance: Int,
    into destination: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool
  ) {
    let lanes = NativeVector.scalarCount
    var index = 0
    while index &+ lanes <= count {
      var sum = unsafe accumulate ? loadVector(UnsafePointer(destination), index) : .zero
      for part in 0..<parts {
        unsafe sum += loadVector(source, part &* distance &+ index)
      }
      unsafe storeVector(sum, destination, index)
      index &+= lanes
    }
    while index < count {
      var sum = unsafe accumulate ? destination[index] : 0
      for part in 0..<parts {
        unsafe sum += source[part &* distance &+ index]
      }
      unsafe destination[index] = sum
      index &+= 1
    }
  }
}

/// One task of the weight gradient.
@unsafe private struct WeightGradient {
  let plan: WeightGradientPlan
  let geometry: ConvolutionGeometry
  let share: Share
  let depth: TapAxis
  let height: TapAxis
  let width: TapAxis
  let input: SourceMap
  let outputGradient: UnsafePointer<Float>
  let weightGradient: UnsafeMutablePointer<Float>
  let biasGradient: UnsafeMutablePointer<Float>?
  let accumulate: Bool
  let tail: UnsafeMutablePointer<Float>
  let panels: UnsafeMutablePointer<Float>
  let packed: UnsafeMutablePointer<Float>

  /// The part of the gradient and of the positions that a task takes.
  struct Share {
    let group: Int
    /// Channels within the group.
    let outputs: Range<Int>
    /// Blocks of input channels.
    let blocks: Range<Int>
    let regions: Range<Int>
    let firstRegion: Int

    init(_ plan: WeightGradientPlan, task: Int) {
      let geometry = plan.geometry
      let ranges = plan.outputParts &* plan.inputParts
      // Input parts need not be as large as each other, so a thread's neighbouring tasks have all of
      // them; rotated, so that two threads work on different inputs and outputs at a time.
      let output = task / plan.inputParts % plan.outputParts
      let input = (task &+ output) % plan.inputParts
      let group = task / ranges % geometry.groups
      let part = plan.positionPart(ofTask: task)
      self.group = group
      let outputEnd = geometry.groupOutputChannels
      outputs =
        min(
          outputEnd, output &* plan.outputPartSize)..<min(
          outputEnd, (output &+ 1) &* plan.outputPartSize)
      blocks = plan.blocks(ofInputPart: input)
      regions = plan.regions(ofPart: part)
      let tasks = plan.taskCount / plan.positionParts
      firstRegion = regions.count &* (task % tasks) / tasks
    }
  }

  func run() {
    guard unsafe !share.outputs.isEmpty, unsafe !share.blocks.isEmpty else { return }
    for step in unsafe 0..<share.regions.count {
      let region =
        unsafe share.regions.lowerBound &+ (share.firstRegion &+ step) % share.regions.count
      let part = unsafe TaskPart(
        region, region: plan.region, counts: plan.regionCount, images: geometry.batchSize,
        depth: geometry.outputExtent.depth, height: geometry.outputExtent.height,
        width: geometry.outputExtent.width)
      let isFirst = unsafe step == 0 && !accumulate
      unsafe runRegion(part, isFirst: isFirst)
    }
  }

  private func runRegion(_ part: TaskPart, isFirst: Bool) {
    let positions = part.region.volume
    var panel = unsafe panels
    for run in unsafe runs {
      unsafe packGradient(part, run, into: panel)
      if let biasGradient = unsafe biasGradient, unsafe share.blocks.lowerBound == 0 {
        let channel = unsafe share.group &* geometry.groupOutputChannels &+ run.first
        unsafe sumBias(
          panel, positions: positions, run, into: biasGradient + channel, isFirst: isFirst)
      }
      unsafe panel += positions &* run.width
    }
    for index in unsafe share.blocks {
      let channelRange = unsafe plan.channels(ofBlock: index)
      let first = channelRange.lowerBound
      let block = channelRange.count
      let box = unsafe inputBox(part, firstChannel: first, channels: block)
      var panel = unsafe UnsafePointer(panels)
      for run in unsafe runs {
        unsafe runTaps(
          part, box: box, firstChannel: first, channels: block, run: run, panel: panel,
          isFirst: isFirst)
        unsafe panel += positions &* run.width
      }
    }
  }

  /// The runs of output channels of this share.
  private var runs: LazyMapSequence<StrideTo<Int>, PanelLayout.Run> {
    let end = unsafe share.outputs.upperBound
    return unsafe stride(
      from: share.outputs.lowerBound, to: end, by: 2 &* NativeVector.scalarCount
    ).lazy.map { first in
      let left = end &- first
      let width =
        left > NativeVector.scalarCount
        ? 2 &* NativeVector.scalarCount : NativeVector.scalarCount
      return PanelLayout.Run(first: first, channels: min(left, width), width: width)
    }
  }

  /// Copies a run of output channels of all positions of a region, with zeros behind the last.
  private func packGradient(
    _ part: TaskPart, _ run: PanelLayout.Run, into panel: UnsafeMutablePointer<Float>
  ) {
    let extent = unsafe geometry.outputExtent
    let channels = unsafe geometry.outputChannels
    let firstChannel = unsafe share.group &* geometry.groupOutputChannels &+ run.first
    var target = unsafe panel
    for image in part.images..<part.images &+ part.region.images {
      for depth in part.depth..<part.depth &+ part.region.depth {
        for height in part.height..<part.height &+ part.region.height {
          let row = (image &* extent.depth &+ depth) &* extent.height &+ height
          let position = row &* extent.width &+ part.width
          var source = unsafe outputGradient + position &* channels + firstChannel
          for _ in 0..<part.region.width {
            unsafe copyRun(run, from: source, to: target)
            unsafe target += run.width
            unsafe source += channels
          }
        }
      }
    }
  }

  /// Copies the channels of a run, with zeros behind the last.
  @inline(__always)
  private func copyRun(
    _ run: PanelLayout.Run, from source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    if run.channels == run.width {
      unsafe storeVector(loadVector(source, 0), target, 0)
      if run.vectors == 2 {
        let second = NativeVector.scalarCount
        unsafe storeVector(loadVector(source, second), target, second)
      }
    } else {
      for lane in 0..<run.channels { unsafe target[lane] = source[lane] }
      for lane in run.channels..<run.width { unsafe target[lane] = 0 }
    }
  }

  /// Adds a packed run of output channels over all positions.
  private func sumBias(
    _ panel: UnsafePointer<Float>, positions: Int, _ run: PanelLayout.Run,
    into sums: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    let lanes = NativeVector.scalarCount
    for first in stride(from: 0, to: run.channels, by: lanes) {
      var even = NativeVector.zero
      var odd = NativeVector.zero
      for position in stride(from: 0, to: positions &- 1, by: 2) {
        unsafe even += loadVector(panel, position &* run.width &+ first)
        unsafe odd += loadVector(panel, (position &+ 1) &* run.width &+ first)
      }
      if positions % 2 == 1 {
        unsafe even += loadVector(panel, (positions &- 1) &* run.width &+ first)
      }
      unsafe storeVector(even + odd, tail, 0)
      for lane in 0..<min(lanes, run.channels &- first) {
        unsafe sums[first &+ lane] = (isFirst ? 0 : sums[first &+ lane]) + tail[lane]
      }
    }
  }

  /// The numbers of a block of input channels: packed where several taps read them, else in place.
  private func inputBox(_ part: TaskPart, firstChannel: Int, channels: Int) -> SourceBox {
    let geometry = unsafe geometry
    let selection = unsafe SourceSelection(
      firstImage: part.images, images: part.region.images,
      depth: part.depth &* geometry.stride.depth &- geometry.paddingBefore.depth,
      height: part.height &* geometry.stride.height &- geometry.paddingBefore.height,
      width: part.width &* geometry.stride.width &- geometry.paddingBefore.width,
      extent: plan.packedExtent(part.region),
      firstChannel: share.group &* geometry.groupInputChannels &+ firstChannel,
      channels: channels)
    return unsafe plan.readsInPlace ? input.box(selection) : input.pack(selection, into: packed)
  }

  /// Adds one block of input channels times one run of output channels, for every tap.
  private func runTaps(
    _ part: TaskPart, box: SourceBox, firstChannel: Int, channels: Int, run: PanelLayout.Run,
    panel: UnsafePointer<Float>, isFirst: Bool
  ) {
    let merges = unsafe plan.mergesWidth
    let (depth, height, width) = unsafe (depth, height, width)
    let columnTaps = merges ? 1 : width.taps
    let line = part.region.width &* run.width
    let plane = part.region.height &* line
    let zeros = unsafe tail + 512
    for vector in 0..<run.vectors {
      unsafe storeVector(.zero, zeros, vector &* NativeVector.scalarCount)
    }
    var reduction = unsafe TileReduction(
      outer: .init(
        count: part.region.images, sourceStride: box.imageStride,
        panelStride: part.region.depth &* plane),
      middle: .init(
        count: 1, sourceStride: depth.step &* box.planeStride, panelStride: plane),
      inner: .init(count: 1, sourceStride: height.step &* box.rowStride, panelStride: line),
      length: part.region.width, stepStride: width.step &* box.pixelStride)
    var operands = unsafe TileOperands(
      firstSource: box.base, secondSource: box.base, rowStride: 1, panel: panel,
      firstResult: weightGradient, secondResult: weightGradient,
      resultStride: geometry.outputChannels, ahead: panel,
      initial: isFirst ? UnsafePointer(zeros) : nil)
    let rows = merges ? width.taps &* channels : channels
    let firstResult =
      unsafe weightGradient + firstChannel &* geometry.outputChannels
      + share.group &* geometry.groupOutputChannels + run.first
    let tapResult = unsafe geometry.groupInputChannels &* geometry.outputChannels
    for planeTap in 0..<depth.taps {
      let planes = depth.inside(tap: planeTap, first: part.depth, count: part.region.depth)
      reduction.middle.count = planes.count
      for rowTap in 0..<height.taps {
        let rowRange = height.inside(tap: rowTap, first: part.height, count: part.region.height)
        reduction.inner.count = rowRange.count
        let firstTap = (planeTap &* height.taps &+ rowTap) &* width.taps
        let source =
          unsafe box.base
          + (planes.lowerBound &* depth.step &+ planeTap &* depth.dilation) &* box.planeStride
          + (rowRange.lowerBound &* height.step &+ rowTap &* height.dilation) &* box.rowStride
        let start = unsafe panel + planes.lowerBound &* plane + rowRange.lowerBound &* line
        for columnTap in 0..<columnTaps {
          let columns =
            merges
            ? 0..<part.region.width
            : width.inside(tap: columnTap, first: part.width, count: part.region.width)
          reduction.length = columns.count
          unsafe operands.firstSource =
            source
            + (columns.lowerBound &* width.step &+ columnTap &* width.dilation) &* box.pixelStride
          unsafe operands.panel = start + columns.lowerBound &* run.width
          unsafe operands.firstResult = firstResult + (firstTap &+ columnTap) &* tapResult
          unsafe runTiles(operands, reduction, rows: rows, run: run)
        }
      }
    }
  }

  /// Cuts the rows, which are neighbouring channels, into tiles of nearly the same height.
  @inline(__always)
  private func runTiles(
    _ operands: TileOperands, _ reduction: TileReduction, rows: Int, run: PanelLayout.Run
  ) {
    // What is read in place comes from afar for the first run; the others find it in a cache.
    let layout: TileLayout =
      unsafe plan.readsInPlace && run.first == share.outputs.lowerBound
      ? .neighboringRowsFromAfar : .neighboringRows
    let pairs = (rows &+ 1) / 2
    let largest = NativeTile.largestHalf(vectors: run.vectors)
    let tiles = (pairs &+ largest &- 1) / largest
    var first = 0
    for tile in 0..<tiles {
      let end = pairs &* (tile &+ 1) / tiles
      let half = end &- first
      let start = 2 &* first
      let other = min(start &+ half, rows &- half)
      var tile = unsafe operands
      unsafe tile.firstSource = operands.firstSource + start
      unsafe tile.secondSource = operands.firstSource + other
      unsafe tile.firstResult = operands.firstResult + start &* operands.resultStride
      unsafe tile.secondResult = operands.firstResult + other &* operands.resultStride
      unsafe computeChannels(
        tile, reduction, layout: layout, rows: half, run: run, tail: tail)
      first = end
    }
  }
}

/// One axis of the windows of a convolution.
private struct TapAxis {
  let taps: Int
  let step: Int
  let dilation: Int
  let padding: Int
  let extent: Int

  init(_ geometry: ConvolutionGeometry, _ axis: SpatialAxis) {
    taps = geometry.kernelExtent[axis]
    step = geometry.stride[axis]
    dilation = geometry.dilation[axis]
    padding = geometry.paddingBefore[axis]
    extent = geometry.inputExtent[axis]
  }

  /// The output positions, counted from `first`, for which a tap lies inside the map.
  @inline(__always)
  func inside(tap: Int, first: Int, count: Int) -> Range<Int> {
    let start = first &* step &- padding &+ tap &* dilation
    let last = start &+ (count &- 1) &* step
    if start >= 0, last < extent { return 0..<count }
    let low = start < 0 ? min(count, (step &- 1 &- start) / step) : 0
    let high = start < extent ? min(count, (extent &- 1 &- start) / step &+ 1) : 0
    return low < high ? low..<high : 0..<0
  }
}
