import KernelInterface

extension NativeKernels {
  @inline(never)
  package func maxPool(
    _ geometry: PoolingGeometry, outputRows: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, indices: UnsafeMutablePointer<UInt8>?
  ) {
    let channels = geometry.channels
    forEachWindow(geometry, outputRows: outputRows) { window in
      forEachLanes(channels) { channel, lanes in
        // The first cell inside the map, so that a window of −∞ alone has an index inside, too.
        var best = Lanes(repeating: -.infinity)
        var bestCell = SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: window.firstCell))
        @inline(__always)
        func compare(_ cell: Int, _ pixel: Int) {
          let x = unsafe input.loadLanes(pixel &* channels &+ channel, lanes)
          // A NaN wins, and nothing wins against it.
          let wins = (x .> best) .| (x .!= x)
          best.replace(with: x, where: wins)
          let winners = LaneBytes.bytes(255, where: wins)
          let number = SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: cell))
          bestCell = (bestCell & ~winners) | (number & winners)
        }
        window.forEachCell(geometry, compare)
        let index = window.pixel &* channels &+ channel
        unsafe output.storeLanes(best, index, lanes)
        if let indices = unsafe indices {
          unsafe indices.storeLanes(bestCell, index, lanes)
        }
      }
    }
  }

  @inline(never)
  package func maxPoolBackward(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, indices: UnsafePointer<UInt8>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    if geometry.windowsTileMap {
      return unsafe maxPoolBackwardOfTiles(
        geometry, inputRows: inputRows, indices: indices, outputGradient: outputGradient,
        inputGradient: inputGradient, accumulate: accumulate)
    }
    let channels = geometry.channels
    forEachPixel(geometry, inputRows: inputRows) { pixel in
      forEachLanes(channels) { channel, lanes in
        var sum = Lanes(repeating: 0)
        pixel.forEachWindow(geometry) { window, cell in
          let index = window &* channels &+ channel
          let gradient = unsafe outputGradient.loadLanes(index, lanes)
          let won = unsafe indices.loadLanes(index, lanes)
          let here = won .== Lanes(repeating: LaneBytes.float(cell))
          sum += Lanes(repeating: 0).replacing(with: gradient, where: here)
        }
        unsafe inputGradient.storeLanes(
          sum, pixel.pixel &* channels &+ channel, lanes, accumulate: accumulate)
      }
    }
  }
  /// Writes the cells of windows that lie side by side: where no other window adds to a pixel, a
  /// window is read once for all its cells in a row.
  @inline(__always)
  private func maxPoolBackwardOfTiles(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, indices: UnsafePointer<UInt8>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let channels = geometry.channels
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let zero = Lanes(repeating: 0)
    for row in inputRows {
      let (plane, y) = (row / height.input, row % height.input)
      let (sample, z) = (plane / depth.input, plane % depth.input)
      let (windowZ, cellZ) = (z / depth.kernel, z % depth.kernel)
      let (windowY, cellY) = (y / height.kernel, y % height.kernel)
      let isCovered = windowZ < depth.output && windowY < height.output
      let windowCount = isCovered ? width.output : 0
      let firstWindow =
        ((sample &* depth.output &+ windowZ) &* height.output &+ windowY) &* width.output
      let firstCell = (cellZ &* height.kernel &+ cellY) &* width.kernel
      let firstPixel = row &* width.input
      var x = 0
      while x < windowCount {
        forEachLanes(channels) { channel, lanes in
          let index = (firstWindow &+ x) &* channels &+ channel
          let gradient = unsafe outputGradient.loadLanes(index, lanes)
          let won = unsafe indices.loadLanes(index, lanes)
          var pixel = firstPixel &+ x &* width.kernel
          var cell = firstCell
          while cell < firstCell &+ width.kernel {
            let here = won .== Lanes(repeating: LaneBytes.float(cell))
            // A sum of one: a gradient of −0 becomes 0.
            let sum = zero + zero.replacing(with: gradient, where: here)
            unsafe inputGradient.storeLanes(
              sum, pixel &* channels &+ channel, lanes, accumulate: accumulate)
            pixel &+= 1
            cell &+= 1
          }
        }
        x &+= 1
      }
      // What no window covers.
      var pixel = firstPixel &+ windowCount &* width.kernel
      while pixel < firstPixel &+ width.input {
        forEachLanes(channels) { channel, lanes in
          unsafe inputGradient.storeLanes(
            zero, pixel &* channels &+ channel, lanes, accumulate: accumulate)
        }
        pixel &+= 1
      }
    }
  }
}

extension PoolingGeometry {
  /// Whether windows lie side by side, without gaps, from the first pixel on.
  fileprivate var windowsTileMap: Bool {
    func tiles(_ axis: PoolingAxis) -> Bool {
      axis.kernel == axis.stride && axis.dilation == 1 && !axis.isAdaptive
        && axis.paddingBefore == 0 && axis.output &* axis.kernel <= axis.input
    }
    return tiles(depth) && tiles(height) && tiles(width)
  }
}
