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
        window.forEachCell(geometry) { cell, pixel in
          let x = unsafe input.loadLanes(pixel &* channels &+ channel, lanes)
          // A NaN wins, and nothing wins against it.
          let wins = (x .> best) .| (x .!= x)
          best.replace(with: x, where: wins)
          let winners = LaneBytes.bytes(255, where: wins)
          let number = SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: cell))
          bestCell = (bestCell & ~winners) | (number & winners)
        }
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
}
