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

/// The positions of a row that one depthwise tile computes, at the most.
private let largestRun = 8

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

  /// What all windows of a row share: its taps along the outer axes, and where it begins.
  @unsafe struct Row {
    var depthTaps: Range<Int>
    var heightTaps: Range<Int>
    /// Where the first tap of the first window of the map's row lies; it may lie outside.
    var source: Int
    /// Where the first written position of the map's row lies.
    var result: Int
  }

  func run() {
    let region = unsafe part.region
    for image in unsafe part.images..<part.images &+ region.images {
      for depth in unsafe part.depth..<part.depth &+ region.depth {
        for height in unsafe part.height..<part.height &+ region.height {
          let row = unsafe Row(
            depthTaps: plan.depth.tapsInside(depth), heightTaps: plan.height.tapsInside(height),
            source: source.offset(
              image: image,
              depth: plan.depth.inputStart &+ depth &* plan.depth.inputStep,
              height: plan.height.inputStart &+ height &* plan.height.inputStep,
              width: plan.width.inputStart),
            result: plan.destinationOffset(image: image, depth: depth, height: height, width: 0))
          unsafe runRow(row)
        }
      }
    }
  }

  private func runRow(_ row: Row) {
    let first = unsafe part.width
    let end = unsafe part.width &+ part.region.width
    let inside = unsafe plan.width.positionsInside.clamped(to: first..<end)
    if inside.isEmpty {
      for position in first..<end { unsafe runBorder(row, position) }
      return
    }
    for position in first..<inside.lowerBound { unsafe runBorder(row, position) }
    let tiles = (inside.count &+ largestRun &- 1) / largestRun
    let taps = unsafe 0..<plan.width.taps
    for tile in 0..<tiles {
      let start = inside.lowerBound &+ inside.count &* tile / tiles
      let stop = inside.lowerBound &+ inside.count &* (tile &+ 1) / tiles
      switch stop &- start {
      case 8: unsafe runTile(row, start, taps, DepthwiseRun<8>.self)
      case 7: unsafe runTile(row, start, taps, DepthwiseRun<7>.self)
      case 6: unsafe runTile(row, start, taps, DepthwiseRun<6>.self)
      case 5: unsafe runTile(row, start, taps, DepthwiseRun<5>.self)
      case 4: unsafe runTile(row, start, taps, DepthwiseRun<4>.self)
      default:
        for position in start..<stop {
          unsafe runTile(row, position, taps, DepthwiseRun<1>.self)
        }
      }
    }
    for position in inside.upperBound..<end { unsafe runBorder(row, position) }
  }

  private func runBorder(_ row: Row, _ position: Int) {
    unsafe runTile(row, position, plan.width.tapsInside(position), DepthwiseRun<1>.self)
  }

  /// Computes neighbouring positions of a row, for all channels.
  @inline(__always)
  private func runTile<let count: Int>(
    _ row: Row, _ position: Int, _ widthTaps: Range<Int>, _: DepthwiseRun<count>.Type
  ) {
    let channels = unsafe source.channels
    let pixelStep = unsafe plan.width.inputStep &* channels
    let resultStep = unsafe plan.width.outputStep &* channels
    let extent = unsafe source.extent
    let planeStep = unsafe plan.depth.tapStep &* extent.height &* extent.width &* channels
    let rowStep = unsafe plan.height.tapStep &* extent.width &* channels
    let columnStep = unsafe plan.width.tapStep &* channels
    let start = unsafe row.source &+ position &* pixelStep
    let result = unsafe row.result &+ position &* resultStep
    let vectorEnd = channels &- channels % NativeVector.scalarCount
    for channel in stride(from: 0, to: vectorEnd, by: NativeVector.scalarCount) {
      var sums = DepthwiseRun<count>(repeating: .zero)
      if unsafe accumulate {
        for index in 0..<count {
          sums[index] = unsafe loadVector(
            UnsafePointer(destination), result &+ index &* resultStep &+ channel)
        }
      } else if let bias = unsafe bias {
        sums = unsafe DepthwiseRun<count>(repeating: loadVector(bias, channel))
      }
      for depth in unsafe row.depthTaps {
        for height in unsafe row.heightTaps {
          var place =
            start &+ depth &* planeStep &+ height &* rowStep
            &+ widthTaps.lowerBound &* columnStep &+ channel
          var weight = unsafe plan.weightTap(depth, height, widthTaps.lowerBound) &* channels
            &+ channel
          let weightStep = unsafe plan.width.weightStep &* channels
          for _ in widthTaps {
            let factor = unsafe loadVector(weights, weight)
            for index in 0..<count {
              let number = unsafe loadVector(source.base, place &+ index &* pixelStep)
              sums[index] = multiplyAdd(sums[index], number, factor)
            }
            place &+= columnStep
            weight &+= weightStep
          }
        }
      }
      for index in 0..<count {
        unsafe storeVector(
          sums[index], destination, result &+ index &* resultStep &+ channel)
      }
    }
    for channel in vectorEnd..<channels {
      for index in 0..<count {
        let target = result &+ index &* resultStep &+ channel
        var sum = unsafe accumulate ? destination[target] : bias.map { unsafe $0[channel] } ?? 0
        for depth in unsafe row.depthTaps {
          for height in unsafe row.heightTaps {
            for width in widthTaps {
              let place =
                start &+ index &* pixelStep &+ depth &* planeStep &+ height &* rowStep
                &+ width &* columnStep &+ channel
              let weight = unsafe plan.weightTap(depth, height, width) &* channels &+ channel
              unsafe sum += source.base[place] * weights[weight]
            }
          }
        }
        unsafe destination[target] = sum
      }
    }
  }
}

/// The sums of neighbouring positions, for one vector of channels.
private typealias DepthwiseRun<let count: Int> = InlineArray<count, NativeVector>
