import CProcessorFeatures
import KernelInterface

extension NativeKernels: ConvolutionKernels {
  @inline(never)
  package func correlate(
    _ plan: CorrelationPlan, slice: WeightSlice, task: Int, source: UnsafePointer<Float>,
    panels: UnsafePointer<Float>, packedBias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let worker = unsafe Correlation(
      plan: plan, slice: slice, layout: PanelLayout(plan, slice), part: plan.part(task),
      source: SourceMap(
        source, batchSize: plan.batchSize, extent: plan.sourceExtent,
        channels: plan.sourceChannels),
      panels: panels, packedBias: packedBias, destination: destination, accumulate: accumulate,
      packed: scratch + CorrelationPlan.tailCount, tail: scratch)
    unsafe worker.run()
  }
}

/// One task of a gathering pass.
@unsafe private struct Correlation {
  let plan: CorrelationPlan
  let slice: WeightSlice
  let layout: PanelLayout
  let part: TaskPart
  let source: SourceMap
  let panels: UnsafePointer<Float>
  let packedBias: UnsafePointer<Float>
  let destination: UnsafeMutablePointer<Float>
  let accumulate: Bool
  let packed: UnsafeMutablePointer<Float>
  let tail: UnsafeMutablePointer<Float>

  /// One row of the map that is written: its numbers, its windows, and the taps that lie inside.
  @unsafe struct Row {
    var source: UnsafePointer<Float>
    var result: UnsafeMutablePointer<Float>
    var depthTaps: Range<Int>
    var heightTaps: Range<Int>
    /// The position of the first number along the width, counted from the first that is written.
    var column: Int
  }

  /// What all tiles of one block of input channels and one run of output channels share.
  @unsafe struct Block {
    var box: SourceBox
    var channels: Int
    var run: PanelLayout.Run
    var panel: UnsafePointer<Float>
    var initial: UnsafePointer<Float>?
    /// Whether to ask for results ahead: later blocks of the slice find them in the second-level cache.
    var fetchesResult: Bool
    /// Channels between neighbours of a written row.
    var resultStride: Int
  }

  /// Tiles of fewer steps are done before what they ask for is there, and those of single vectors have
  /// rows that often lie side by side.
  private static var fewestStepsAhead: Int { 64 }

  /// Runs of fewer steps cost more, taken tap by tap, than a row of zeros does.
  private static var fewestBorderSteps: Int { 32 }

  func run() {
    for group in unsafe slice.groups {
      // Without taps there is nothing to read, but zeros must be written.
      let channels = unsafe plan.taps == 0 ? 0..<1 : slice.channels
      for first in unsafe stride(
        from: channels.lowerBound, to: channels.upperBound, by: plan.channelBlock)
      {
        unsafe runBlock(group: group, firstChannel: first)
      }
    }
  }

  /// Adds what a block of a group's input channels gives to all its output channels.
  private func runBlock(group: Int, firstChannel: Int) {
    let channels = unsafe min(plan.channelBlock, slice.channels.upperBound &- firstChannel)
    let box = unsafe sourceBox(
      firstChannel: group &* plan.groupSourceChannels &+ firstChannel, channels: channels)
    for panel in unsafe 0..<layout.panelsPerGroup {
      let run = unsafe layout.run(panel)
      let bias = unsafe packedBias + layout.biasOffset(group: group, run: run)
      let block = unsafe Block(
        box: box, channels: channels, run: run,
        panel: panels + layout.offset(group: group, run: run, channel: firstChannel),
        initial: firstChannel == 0 && !accumulate ? bias : nil,
        fetchesResult: run.vectors == 2 && plan.taps &* channels >= Self.fewestStepsAhead
          && firstChannel == slice.channels.lowerBound,
        resultStride: plan.width.outputStep &* plan.destinationChannels)
      let firstResult =
        unsafe group &* plan.groupDestinationChannels &+ slice.lanes.lowerBound &+ run.first
      unsafe runRows(block, destination + firstResult)
    }
  }

  private func sourceBox(firstChannel: Int, channels: Int) -> SourceBox {
    let region = unsafe part.region
    let selection = unsafe SourceSelection(
      firstImage: part.images, images: region.images,
      depth: plan.depth.inputStart &+ part.depth &* plan.depth.inputStep,
      height: plan.height.inputStart &+ part.height &* plan.height.inputStep,
      width: plan.width.inputStart &+ part.width &* plan.width.inputStep,
      extent: plan.packedExtent(region), firstChannel: firstChannel, channels: channels)
    if unsafe plan.readsInPlace || plan.taps == 0 { return unsafe source.box(selection) }
    return unsafe source.pack(selection, into: packed)
  }

  /// Walks over the rows of the region; rows that fit half a tile are taken two at a time.
  private func runRows(_ block: Block, _ result: UnsafeMutablePointer<Float>) {
    let region = unsafe part.region
    let isShort = unsafe region.width <= NativeTile.largestHalf(vectors: block.run.vectors)
    var waiting: Row?
    for image in 0..<region.images {
      for plane in 0..<region.depth {
        let depth = unsafe part.depth &+ plane
        let depthTaps = unsafe plan.depth.tapsInside(depth)
        for line in 0..<region.height {
          let height = unsafe part.height &+ line
          let position = unsafe plan.destinationOffset(
            image: part.images &+ image, depth: depth, height: height, width: part.width)
          let row = unsafe Row(
            source: block.box.base + image &* block.box.imageStride
              + plane &* plan.depth.inputStep &* block.box.planeStride
              + line &* plan.height.inputStep &* block.box.rowStride,
            result: result + position,
            depthTaps: depthTaps, heightTaps: plan.height.tapsInside(height),
            column: part.width)
          if let other = unsafe waiting {
            unsafe runTile(block, Self.union(other, row), row, rows: region.width)
            unsafe waiting = nil
          } else if isShort {
            unsafe waiting = row
          } else {
            unsafe runRow(block, row)
          }
        }
      }
    }
    if let row = unsafe waiting { unsafe runRow(block, row) }
  }

  /// The first row, with the taps that either row needs: the other row reads zeros there.
  @inline(__always)
  private static func union(_ first: Row, _ second: Row) -> Row {
    func union(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
      if a.isEmpty { return b }
      if b.isEmpty { return a }
      return min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
    }
    var row = unsafe first
    unsafe row.depthTaps = union(first.depthTaps, second.depthTaps)
    unsafe row.heightTaps = union(first.heightTaps, second.heightTaps)
    return unsafe row
  }

  /// Cuts a row into tiles of nearly the same width, each of two halves that may share a position.
  @inline(__always)
  private func runRow(_ block: Block, _ row: Row) {
    let width = unsafe part.region.width
    let pairs = (width &+ 1) / 2
    let largest = unsafe NativeTile.largestHalf(vectors: block.run.vectors)
    let tiles = (pairs &+ largest &- 1) / largest
    var first = 0
    for tile in 0..<tiles {
      let end = pairs &* (tile &+ 1) / tiles
      let half = end &- first
      let start = 2 &* first
      let other = min(start &+ half, width &- half)
      var left = unsafe row
      var right = unsafe row
      let step = unsafe plan.width.inputStep &* block.box.pixelStride
      unsafe left.source += start &* step
      unsafe right.source += other &* step
      unsafe left.column += start
      unsafe right.column += other
      unsafe left.result += start &* block.resultStride
      unsafe right.result += other &* block.resultStride
      unsafe runTile(block, left, right, rows: half)
      first = end
    }
  }

  /// Computes one tile, with the taps of its first row.
  @inline(__always)
  private func runTile(_ block: Block, _ first: Row, _ second: Row, rows: Int) {
    let box = unsafe block.box
    let group = unsafe block.channels &* block.run.width
    let planeStep = unsafe plan.depth.tapStep &* (unsafe box.planeStride)
    let rowStep = unsafe plan.height.tapStep &* (unsafe box.rowStride)
    let columnStep = unsafe plan.width.tapStep &* (unsafe box.pixelStride)
    let rowPanel = unsafe plan.width.taps &* group
    let planePanel = unsafe plan.height.taps &* rowPanel
    let depthTaps = unsafe first.depthTaps
    let heightTaps = unsafe first.heightTaps
    var reduction = unsafe TileReduction(length: block.channels)
    reduction.outer = .init(
      count: depthTaps.count, sourceStride: planeStep, panelStride: planePanel)
    reduction.middle = .init(
      count: heightTaps.count, sourceStride: rowStep, panelStride: rowPanel)
    reduction.border = unsafe border(block, first, second, rows: rows)
    if !reduction.border.exists, columnStep == (unsafe block.channels) {
      reduction.length = unsafe plan.width.taps &* block.channels
    } else {
      reduction.inner = unsafe .init(
        count: plan.width.taps, sourceStride: columnStep, panelStride: group)
    }
    let rowStride = unsafe plan.width.inputStep &* box.pixelStride
    let skipped = depthTaps.lowerBound &* planeStep &+ heightTaps.lowerBound &* rowStep
    let operands = unsafe TileOperands(
      firstSource: first.source + skipped, secondSource: second.source + skipped,
      rowStride: rowStride,
      panel: block.panel + depthTaps.lowerBound &* planePanel
        + heightTaps.lowerBound &* rowPanel,
      firstResult: first.result, secondResult: second.result,
      resultStride: block.resultStride,
      ahead: first.source + 2 &* rows &* rowStride, initial: block.initial)
    unsafe fetchResult(first.result + 2 &* rows &* block.resultStride, rows: 2 &* rows, block)
    let inside: TileLayout =
      unsafe plan.readsInPlace ? .neighboringStepsFromAfar : .neighboringSteps
    unsafe computeChannels(
      operands, reduction, layout: reduction.border.exists ? .neighboringStepsAtBorder : inside,
      rows: rows, run: block.run, tail: tail)
  }

  /// The taps along the width that the first and the last row of a tile have beyond the border.
  ///
  /// Where two rows of the map make a tile, both halves begin and end at the same columns.
  @inline(__always)
  private func border(
    _ block: Block, _ first: Row, _ second: Row, rows: Int
  ) -> TileBorder {
    var border = TileBorder()
    guard TileSizes.leavesRowsOut, unsafe block.run.vectors == 2,
      unsafe block.channels >= Self.fewestBorderSteps, unsafe !plan.readsInPlace
    else { return border }
    let axis = unsafe plan.width
    let leading = unsafe axis.tapsInside(first.column).lowerBound
    let trailing = unsafe axis.tapsInside(second.column &+ rows &- 1).upperBound
    border.isOfBothHalves = unsafe first.column == second.column
    border.leadingRounds = leading
    border.trailingRound = trailing < axis.taps ? trailing : .max
    return border
  }

  /// Asks for the rows that the next tile adds to or writes, which it would else wait for.
  @inline(__always)
  private func fetchResult(_ start: UnsafePointer<Float>, rows: Int, _ block: Block) {
    guard unsafe block.fetchesResult else { return }
    let second = unsafe block.run.width &- TileOperands.floatsPerLine
    var row = unsafe start
    for _ in 0..<rows {
      unsafe tidemark_prefetch(row)
      unsafe tidemark_prefetch(row + second)
      unsafe row += block.resultStride
    }
  }
}

/// Computes a tile whose last vectors may reach beyond the channels that exist.
@inline(__always)
func computeChannels(
  _ operands: TileOperands, _ reduction: TileReduction, layout: TileLayout, rows: Int,
  run: PanelLayout.Run, tail: UnsafeMutablePointer<Float>
) {
  if run.channels == run.width {
    unsafe NativeTile.compute(
      rows: rows, vectors: run.vectors, operands, reduction, layout: layout)
    return
  }
  var bounced = unsafe operands
  unsafe bounced.firstResult = tail
  unsafe bounced.secondResult = tail + rows &* run.width
  unsafe bounced.resultStride = run.width
  if unsafe operands.initial == nil {
    for row in 0..<rows {
      for channel in 0..<run.channels {
        unsafe bounced.firstResult[row &* run.width &+ channel] =
          operands.firstResult[row &* operands.resultStride &+ channel]
        unsafe bounced.secondResult[row &* run.width &+ channel] =
          operands.secondResult[row &* operands.resultStride &+ channel]
      }
    }
  }
  unsafe NativeTile.compute(
    rows: rows, vectors: run.vectors, bounced, reduction, layout: layout)
  for row in 0..<rows {
    for channel in 0..<run.channels {
      unsafe operands.firstResult[row &* operands.resultStride &+ channel] =
        bounced.firstResult[row &* run.width &+ channel]
      unsafe operands.secondResult[row &* operands.resultStride &+ channel] =
        bounced.secondResult[row &* run.width &+ channel]
    }
  }
}

extension CorrelationPlan {
  /// Where a written position lies in the destination, in floats.
  func destinationOffset(image: Int, depth: Int, height: Int, width: Int) -> Int {
    let plane = self.depth.outputStart &+ depth &* self.depth.outputStep
    let row = self.height.outputStart &+ height &* self.height.outputStep
    let column = self.width.outputStart &+ width &* self.width.outputStep
    return
      (((image &* destinationExtent.depth &+ plane) &* destinationExtent.height &+ row)
      &* destinationExtent.width &+ column) &* destinationChannels
  }
}

extension CorrelationAxis {
  /// The taps of a window that lie inside the map.
  func tapsInside(_ position: Int) -> Range<Int> {
    let start = inputStart &+ position &* inputStep
    let first = start < 0 ? (tapStep &- 1 &- start) / tapStep : 0
    let end = start < inputExtent ? min(taps, (inputExtent &- 1 &- start) / tapStep &+ 1) : 0
    return first < end ? first..<end : 0..<0
  }
}
