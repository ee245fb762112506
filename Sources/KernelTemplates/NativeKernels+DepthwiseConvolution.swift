import KernelInterface

extension NativeKernels {
  @inline(never)
  package func correlateDepthwise(
    _ plan: CorrelationPlan, task: Int, source: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let pass = unsafe DepthwisePass(
      plan: plan, part: plan.part(task),
      source: SourceMap(
        source, batchSize: plan.batchSize, extent: plan.sourceExtent,
        channels: plan.sourceChannels),
      weights: weights, bias: bias, destination: destination, accumulate: accumulate)
    unsafe pass.run()
  }
}

/// The channels, in vectors, that are done at a time over a whole region: the rows that neighbouring
/// windows share then stay in the first-level cache.
private let blockVectors = 8

/// One task of a depthwise gathering pass: vectors are channels, and nothing is packed.
///
/// Windows inside the map are computed several at a time, so that each weight is loaded once for
/// all of them; those that reach over the border one at a time, with the taps that lie inside.
@unsafe private struct DepthwisePass {
  let plan: CorrelationPlan
  let part: TaskPart
  let source: SourceMap
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  let destination: UnsafeMutablePointer<Float>
  let accumulate: Bool

  func run() {
    let channels = unsafe source.channels
    for first in stride(from: 0, to: channels, by: blockVectors &* NativeVector.scalarCount) {
      let end = min(channels, first &+ blockVectors &* NativeVector.scalarCount)
      unsafe runRows(first..<end)
    }
  }

  private func runRows(_ channels: Range<Int>) {
    let plan = unsafe plan
    let part = unsafe part
    let region = part.region
    // Whole vectors may have tiles of their own; what channels are left never have.
    let lanes = NativeVector.scalarCount
    let neighbors =
      unsafe hasNeighboringWindows
      ? channels.lowerBound..<channels.lowerBound &+ channels.count / lanes &* lanes
      : channels.lowerBound..<channels.lowerBound
    let others = neighbors.upperBound..<channels.upperBound
    for image in part.images..<part.images &+ region.images {
      for depth in part.depth..<part.depth &+ region.depth {
        let depthTaps = plan.depth.tapsInside(depth)
        for height in part.height..<part.height &+ region.height {
          let heightTaps = plan.height.tapsInside(height)
          let taps = unsafe tapLoops(depthTaps, heightTaps)
          let place =
            unsafe source.offset(
              image: image, depth: plan.depth.inputStart &+ depth &* plan.depth.inputStep,
              height: plan.height.inputStart &+ height &* plan.height.inputStep,
              width: plan.width.inputStart)
            &+ depthTaps.lowerBound &* taps.depth.sourceStride
            &+ heightTaps.lowerBound &* taps.height.sourceStride
          let weight =
            plan.weightTap(depthTaps.lowerBound, heightTaps.lowerBound, 0) &* plan.sourceChannels
          let result = plan.destinationOffset(image: image, depth: depth, height: height, width: 0)
          var operands = unsafe DepthwiseOperands(
            source: source.base + place + channels.lowerBound,
            sourceStride: plan.width.inputStep &* plan.sourceChannels,
            weights: weights + weight + channels.lowerBound,
            result: destination + result + channels.lowerBound,
            resultStride: plan.width.outputStep &* plan.sourceChannels,
            bias: bias.map { unsafe $0 + channels.lowerBound }, accumulate: accumulate)
          if !neighbors.isEmpty { unsafe runNeighbors(operands, taps, neighbors.count) }
          if !others.isEmpty {
            unsafe operands.advance(by: neighbors.count)
            unsafe runRow(operands, taps, others.count)
          }
        }
      }
    }
  }

  /// Whether the tiles of `DepthwiseRow` serve.
  private var hasNeighboringWindows: Bool {
    let width = unsafe plan.width
    let border = width.taps / 2
    let behind =
      width.inputStart &+ width.count &- 1 &+ width.taps &- width.inputExtent
    return unsafe width.inputStep == 1 && width.tapStep == 1
      && DepthwiseRow.taps.contains(width.taps)
      && part.region.width >= DepthwiseRow.fewestPositions
      && (width.inputStart == 0 || width.inputStart == -border) && (behind <= 0 || behind == border)
  }

  /// Computes a row of windows that lie side by side.
  private func runNeighbors(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ channels: Int
  ) {
    let axis = unsafe plan.width
    let first = unsafe part.width
    let width = unsafe part.region.width
    let reachesBehind = axis.inputStart &+ axis.count &- 1 &+ axis.taps > axis.inputExtent
    let tiles = (width &+ DepthwiseRow.mostPositions &- 1) / DepthwiseRow.mostPositions
    var start = 0
    for tile in 0..<tiles {
      let end = width &* (tile &+ 1) / tiles
      var operands = unsafe operands
      unsafe operands.source += (first &+ start) &* operands.sourceStride
      unsafe operands.result += (first &+ start) &* operands.resultStride
      unsafe DepthwiseRow.compute(
        operands, taps, positions: end &- start, vectors: channels / NativeVector.scalarCount,
        isFirst: first &+ start == 0 && axis.inputStart < 0,
        isLast: first &+ end == axis.count && reachesBehind)
      start = end
    }
  }

  /// Computes a row of windows: those inside several at a time, the others one by one.
  private func runRow(_ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ channels: Int) {
    let inside = unsafe plan.width.positionsInside
    let first = unsafe part.width
    let end = unsafe first &+ part.region.width
    let low = max(first, min(end, inside.lowerBound))
    let high = max(low, min(end, inside.upperBound))
    for position in first..<low {
      unsafe runBorder(operands, taps, position, channels)
    }
    let tiles = (high &- low &+ TileSizes.depthwisePositions &- 1) / TileSizes.depthwisePositions
    var start = low
    for tile in 0..<tiles {
      let stop = low &+ (high &- low) &* (tile &+ 1) / tiles
      unsafe runTile(operands, taps, start, stop &- start, channels)
      start = stop
    }
    for position in high..<end {
      unsafe runBorder(operands, taps, position, channels)
    }
  }

  /// The loops over the taps of a row of windows, with all taps of a kernel row.
  private func tapLoops(_ depthTaps: Range<Int>, _ heightTaps: Range<Int>) -> DepthwiseTaps {
    let plan = unsafe plan
    let channels = plan.sourceChannels
    let row = plan.sourceExtent.width &* channels
    let kernel = plan.kernelExtent
    return DepthwiseTaps(
      depth: .init(
        count: depthTaps.count,
        sourceStride: plan.depth.tapStep &* plan.sourceExtent.height &* row,
        panelStride: plan.depth.weightStep &* kernel.height &* kernel.width &* channels),
      height: .init(
        count: heightTaps.count, sourceStride: plan.height.tapStep &* row,
        panelStride: plan.height.weightStep &* kernel.width &* channels),
      width: .init(
        count: plan.width.taps, sourceStride: plan.width.tapStep &* channels,
        panelStride: plan.width.weightStep &* channels))
  }

  /// Computes a position whose window reaches over the border.
  private func runBorder(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ position: Int, _ channels: Int
  ) {
    let inside = unsafe plan.width.tapsInside(position)
    var taps = taps
    taps.width.count = inside.count
    var operands = unsafe operands
    unsafe operands.source += inside.lowerBound &* taps.width.sourceStride
    unsafe operands.weights += inside.lowerBound &* taps.width.panelStride
    unsafe runTile(operands, taps, position, 1, channels)
  }

  /// Computes neighbouring positions of a row for a block of channels.
  @inline(__always)
  private func runTile(
    _ row: DepthwiseOperands, _ taps: DepthwiseTaps, _ position: Int, _ count: Int,
    _ channels: Int
  ) {
    var operands = unsafe row
    unsafe operands.source += position &* row.sourceStride
    unsafe operands.result += position &* row.resultStride
    let vectors = channels / NativeVector.scalarCount
    unsafe computeDepthwise(operands, taps, positions: count, vectors: vectors)
    let rest = vectors &* NativeVector.scalarCount
    for channel in rest..<channels {
      unsafe runSingle(operands, taps, positions: count, channel: channel)
    }
  }

  /// Computes neighbouring positions for one of the last channels, which fill no vector.
  private func runSingle(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, positions: Int, channel: Int
  ) {
    for position in 0..<positions {
      let result = unsafe operands.result + position &* operands.resultStride + channel
      var sum = unsafe accumulate ? result.pointee : operands.bias.map { unsafe $0[channel] } ?? 0
      for depth in 0..<taps.depth.count {
        for height in 0..<taps.height.count {
          for width in 0..<taps.width.count {
            let source =
              position &* (unsafe operands.sourceStride) &+ depth &* taps.depth.sourceStride
              &+ height &* taps.height.sourceStride &+ width &* taps.width.sourceStride
            let weight =
              depth &* taps.depth.panelStride &+ height &* taps.height.panelStride
              &+ width &* taps.width.panelStride
            unsafe sum += operands.source[source &+ channel] * operands.weights[weight &+ channel]
          }
        }
      }
      unsafe result.pointee = sum
    }
  }
}
