import KernelInterface

extension NativeKernels {
  @inline(never)
  package func correlateDepthwiseWeights(
    _ plan: WeightGradientPlan, task: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?
  ) {
    let geometry = plan.geometry
    let pass = unsafe DepthwiseWeightPass(
      geometry: geometry, input: input, outputGradient: outputGradient,
      weightGradient: weightGradient, biasGradient: biasGradient)
    for index in 0..<geometry.weightCount { unsafe weightGradient[index] = 0 }
    if let biasGradient = unsafe biasGradient {
      for index in 0..<geometry.outputChannels { unsafe biasGradient[index] = 0 }
    }
    for region in plan.regions(ofPart: task) {
      unsafe pass.run(plan.part(region))
    }
  }
}

/// One task of a depthwise weight gradient: vectors are channels, and nothing is packed.
///
/// The taps of a kernel row are summed together where all of them lie inside the map, so that each
/// output gradient is loaded once for all of them; the columns at the border tap by tap.
@unsafe private struct DepthwiseWeightPass {
  let geometry: ConvolutionGeometry
  let input: UnsafePointer<Float>
  let outputGradient: UnsafePointer<Float>
  let weightGradient: UnsafeMutablePointer<Float>
  let biasGradient: UnsafeMutablePointer<Float>?

  /// Rows of windows with some taps of one kernel row: offsets and strides in floats.
  @unsafe struct Block {
    var source: Int
    var gradient: Int
    var result: Int
    var rows: Int
    var columns: Int
    var sourceRow: Int
    var gradientRow: Int
    var sourceColumn: Int
    var sourceTap: Int
    var channels: Int
    /// The first channel that is summed.
    var firstChannel: Int
  }

  func run(_ part: TaskPart) {
    let extent = unsafe geometry.outputExtent
    let channels = unsafe geometry.outputChannels
    for image in part.images..<part.images &+ part.region.images {
      for depth in part.depth..<part.depth &+ part.region.depth {
        let plane = (image &* extent.depth &+ depth) &* extent.height
        if let biasGradient = unsafe biasGradient {
          for height in part.height..<part.height &+ part.region.height {
            let row = ((plane &+ height) &* extent.width &+ part.width) &* channels
            unsafe addColumns(row, part.region.width, to: biasGradient)
          }
        }
        // Whole vectors may be summed for several kernel rows; what channels are left never are.
        var done = 0
        if unsafe hasNeighboringWindows {
          done = channels / NativeVector.scalarCount &* NativeVector.scalarCount
          unsafe runNeighbors(part, image: image, depth: depth, plane: plane)
        }
        if done < channels {
          unsafe runPlane(part, image: image, depth: depth, plane: plane, firstChannel: done)
        }
      }
    }
  }

  /// Whether the sums of `DepthwiseWeightRows` serve.
  private var hasNeighboringWindows: Bool {
    let geometry = unsafe geometry
    return unsafe geometry.stride.width == 1 && geometry.dilation.width == 1
      && DepthwiseWeightRows.canSum(taps: geometry.kernelExtent.width)
  }

  /// Adds what the windows of one plane give to the gradients of all taps, for whole vectors.
  private func runNeighbors(_ part: TaskPart, image: Int, depth: Int, plane: Int) {
    let geometry = unsafe geometry
    let kernel = geometry.kernelExtent
    let channels = geometry.outputChannels
    let map = geometry.inputExtent
    let most = unsafe min(kernel.width, DepthwiseWeightRows.mostKernelRows)
    let end = part.height &+ part.region.height
    let firstPixel = part.width &- geometry.paddingBefore.width
    let pixels =
      max(
        0, firstPixel)..<max(
        0, min(map.width, firstPixel &+ part.region.width &+ kernel.width &- 1))
    for planeTap in 0..<kernel.depth {
      let source =
        depth &* geometry.stride.depth &- geometry.paddingBefore.depth
        &+ planeTap &* geometry.dilation.depth
      guard source >= 0, source < map.depth, !pixels.isEmpty else { continue }
      var row = part.height
      while row < end {
        // Rows of windows of which the same kernel rows lie inside.
        let inside = geometry.kernelRowsInside(row)
        var next = row &+ 1
        while next < end, geometry.kernelRowsInside(next) == inside { next &+= 1 }
        for first in stride(from: inside.lowerBound, to: inside.upperBound, by: most) {
          let line =
            row &* geometry.stride.height &- geometry.paddingBefore.height
            &+ first &* geometry.dilation.height
          let mapRow = ((image &* map.depth &+ source) &* map.height &+ line) &* map.width
          let tap = (planeTap &* kernel.height &+ first) &* kernel.width
          let block = unsafe DepthwiseWeightRows(
            source: input + (mapRow &+ pixels.lowerBound) &* channels,
            kernelRow: geometry.dilation.height &* map.width &* channels,
            gradient: outputGradient
              + ((plane &+ row) &* geometry.outputExtent.width &+ part.width) &* channels,
            result: weightGradient + tap &* channels,
            rows: next &- row, sourceRow: geometry.stride.height &* map.width &* channels,
            gradientRow: geometry.outputExtent.width &* channels, pixels: pixels.count,
            firstWindow: pixels.lowerBound &- firstPixel, windows: part.region.width,
            channels: channels)
          let kernelRows = min(most, inside.upperBound &- first)
          unsafe block.add(
            taps: kernel.width, kernelRows: kernelRows,
            vectors: channels / NativeVector.scalarCount)
        }
        row = next
      }
    }
  }

  /// Adds what the windows of one plane give to the gradients of all taps.
  private func runPlane(_ part: TaskPart, image: Int, depth: Int, plane: Int, firstChannel: Int) {
    let geometry = unsafe geometry
    let kernel = geometry.kernelExtent
    let channels = geometry.outputChannels
    let map = geometry.inputExtent
    let width = geometry.outputExtent.width
    let columns = part.width..<part.width &+ part.region.width
    for planeTap in 0..<kernel.depth {
      let source =
        depth &* geometry.stride.depth &- geometry.paddingBefore.depth
        &+ planeTap &* geometry.dilation.depth
      guard source >= 0, source < map.depth else { continue }
      for rowTap in 0..<kernel.height {
        let rows = geometry.positionsInside(.height, tap: rowTap).clamped(
          to: part.height..<part.height &+ part.region.height)
        guard !rows.isEmpty else { continue }
        let line =
          rows.lowerBound &* geometry.stride.height &- geometry.paddingBefore.height
          &+ rowTap &* geometry.dilation.height
        let mapRow = ((image &* map.depth &+ source) &* map.height &+ line) &* map.width
        let block = unsafe Block(
          source: (mapRow &- geometry.paddingBefore.width) &* channels,
          gradient: (plane &+ rows.lowerBound) &* width &* channels,
          result: (planeTap &* kernel.height &+ rowTap) &* kernel.width &* channels,
          rows: rows.count, columns: 0,
          sourceRow: geometry.stride.height &* map.width &* channels,
          gradientRow: width &* channels,
          sourceColumn: geometry.stride.width &* channels,
          sourceTap: geometry.dilation.width &* channels, channels: channels,
          firstChannel: firstChannel)
        var firstTap = 0
        while firstTap < kernel.width {
          let taps = min(5, kernel.width &- firstTap)
          unsafe runTaps(block, columns, firstTap: firstTap, taps: taps)
          firstTap &+= taps
        }
      }
    }
  }

  /// Splits the columns into those where all taps lie inside the map, and the others.
  private func runTaps(_ block: Block, _ columns: Range<Int>, firstTap: Int, taps: Int) {
    let geometry = unsafe geometry
    var inside = columns
    for tap in firstTap..<firstTap &+ taps {
      inside = inside.clamped(to: geometry.positionsInside(.width, tap: tap))
    }
    if inside.isEmpty { inside = columns.lowerBound..<columns.lowerBound }
    unsafe runColumns(block, inside, firstTap: firstTap, taps: taps)
    for tap in firstTap..<firstTap &+ taps {
      let valid = geometry.positionsInside(.width, tap: tap)
      unsafe runColumns(
        block, valid.clamped(to: columns.lowerBound..<inside.lowerBound), firstTap: tap, taps: 1)
      unsafe runColumns(
        block, valid.clamped(to: inside.upperBound..<columns.upperBound), firstTap: tap, taps: 1)
    }
  }

  private func runColumns(_ block: Block, _ columns: Range<Int>, firstTap: Int, taps: Int) {
    guard !columns.isEmpty else { return }
    var block = unsafe block
    unsafe block.source &+= columns.lowerBound &* block.sourceColumn &+ firstTap &* block.sourceTap
    unsafe block.gradient &+= columns.lowerBound &* block.channels
    unsafe block.result &+= firstTap &* block.channels
    unsafe block.columns = columns.count
    switch taps {
    case 5: unsafe runChannels(block, DepthwiseTapSums<5, 2>.self)
    case 4: unsafe runChannels(block, DepthwiseTapSums<4, 2>.self)
    case 3: unsafe runChannels(block, DepthwiseTapSums<3, 4>.self)
    case 2: unsafe runChannels(block, DepthwiseTapSums<2, 4>.self)
    default: unsafe runChannels(block, DepthwiseTapSums<1, 4>.self)
    }
  }

  /// Sums a block for all channels: several vectors at a time, then one, then single channels.
  @inline(__always)
  private func runChannels<let taps: Int, let vectors: Int>(
    _ block: Block, _: DepthwiseTapSums<taps, vectors>.Type
  ) {
    let lanes = NativeVector.scalarCount
    var channel = unsafe block.firstChannel
    while unsafe channel &+ vectors &* lanes <= block.channels {
      unsafe sum(block, channel, DepthwiseTapSums<taps, vectors>.self)
      channel &+= vectors &* lanes
    }
    while unsafe channel &+ lanes <= block.channels {
      unsafe sum(block, channel, DepthwiseTapSums<taps, 1>.self)
      channel &+= lanes
    }
    while unsafe channel < block.channels {
      for tap in 0..<taps {
        var sum: Float = 0
        for row in unsafe 0..<block.rows {
          for column in unsafe 0..<block.columns {
            let source =
              unsafe block.source &+ row &* block.sourceRow &+ column &* block.sourceColumn
              &+ tap &* block.sourceTap &+ channel
            let gradient =
              unsafe block.gradient &+ row &* block.gradientRow &+ column &* block.channels
              &+ channel
            unsafe sum += input[source] * outputGradient[gradient]
          }
        }
        unsafe weightGradient[block.result &+ tap &* block.channels &+ channel] += sum
      }
      channel &+= 1
    }
  }

  @inline(__always)
  private func sum<let taps: Int, let vectors: Int>(
    _ block: Block, _ channel: Int, _: DepthwiseTapSums<taps, vectors>.Type
  ) {
    let lanes = NativeVector.scalarCount
    var sums = DepthwiseTapSums<taps, vectors>(repeating: InlineArray(repeating: .zero))
    for row in unsafe 0..<block.rows {
      var source = unsafe input + block.source + row &* block.sourceRow + channel
      var gradient = unsafe outputGradient + block.gradient + row &* block.gradientRow + channel
      for _ in unsafe 0..<block.columns {
        for vector in 0..<vectors {
          let factor = unsafe loadVector(gradient, vector &* lanes)
          for tap in 0..<taps {
            let number = unsafe loadVector(source, tap &* block.sourceTap &+ vector &* lanes)
            sums[tap][vector] = multiplyAdd(sums[tap][vector], number, factor)
          }
        }
        unsafe source += block.sourceColumn
        unsafe gradient += block.channels
      }
    }
    for tap in 0..<taps {
      for vector in 0..<vectors {
        let place = unsafe block.result &+ tap &* block.channels &+ channel &+ vector &* lanes
        let old = unsafe loadVector(UnsafePointer(weightGradient), place)
        unsafe storeVector(old + sums[tap][vector], weightGradient, place)
      }
    }
  }

  /// Adds neighbouring pixels of the output gradient, channel by channel.
  private func addColumns(
    _ start: Int, _ columns: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    let lanes = NativeVector.scalarCount
    let channels = unsafe geometry.outputChannels
    var channel = 0
    while channel &+ lanes <= channels {
      var sum = unsafe loadVector(UnsafePointer(sums), channel)
      for column in 0..<columns {
        unsafe sum += loadVector(outputGradient, start &+ column &* channels &+ channel)
      }
      unsafe storeVector(sum, sums, channel)
      channel &+= lanes
    }
    while channel < channels {
      for column in 0..<columns {
        unsafe sums[channel] += outputGradient[start &+ column &* channels &+ channel]
      }
      channel &+= 1
    }
  }
}

/// The sums of neighbouring taps, for some vectors of channels.
private typealias DepthwiseTapSums<let taps: Int, let vectors: Int> =
  InlineArray<taps, InlineArray<vectors, NativeVector>>

extension ConvolutionGeometry {
  /// The kernel rows that lie inside the map in a row of windows.
  func kernelRowsInside(_ row: Int) -> Range<Int> {
    let start = row &* stride.height &- paddingBefore.height
    let low = start < 0 ? (dilation.height &- 1 &- start) / dilation.height : 0
    let last = inputExtent.height &- 1 &- start
    let high = last < 0 ? 0 : min(kernelExtent.height, last / dilation.height &+ 1)
    return low < high ? low..<high : 0..<0
  }

  /// The output positions for which one tap lies inside the map.
  func positionsInside(_ axis: SpatialAxis, tap: Int) -> Range<Int> {
    let step = stride[axis]
    let start = tap &* dilation[axis] &- paddingBefore[axis]
    let low = start < 0 ? (step &- 1 &- start) / step : 0
    let last = inputExtent[axis] &- 1 &- start
    let high = last < 0 ? 0 : min(outputExtent[axis], last / step &+ 1)
    return low < high ? low..<high : 0..<0
  }
}

extension WeightGradientPlan {
  /// The box of a region.
  func part(_ region: Int) -> TaskPart {
    TaskPart(
      region, region: self.region, counts: regionCount, images: geometry.batchSize,
      depth: geometry.outputExtent.depth, height: geometry.outputExtent.height,
      width: geometry.outputExtent.width)
  }
}
