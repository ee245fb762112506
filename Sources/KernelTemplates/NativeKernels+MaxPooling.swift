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
        var bestCell = SIMD16<UInt32>(repeating: UInt32(truncatingIfNeeded: window.firstCell))
        window.forEachCell(geometry) { cell, pixel in
          let x = unsafe input.loadLanes(pixel &* channels &+ channel, lanes)
          // A NaN wins, and nothing wins against it.
          let wins = (x .> best) .| (x .!= x)
          best.replace(with: x, where: wins)
          bestCell.replace(
            with: SIMD16(repeating: UInt32(truncatingIfNeeded: cell)), where: wins)
        }
        let index = window.pixel &* channels &+ channel
        unsafe output.storeLanes(best, index, lanes)
        if let indices = unsafe indices {
          unsafe storeBytes(bestCell, into: indices + index, lanes)
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
          let won = unsafe loadBytes(indices + index, lanes)
          let here = won .== SIMD16(repeating: UInt32(truncatingIfNeeded: cell))
          sum += Lanes(repeating: 0).replacing(with: gradient, where: here)
        }
        unsafe inputGradient.storeLanes(
          sum, pixel.pixel &* channels &+ channel, lanes, accumulate: accumulate)
      }
    }
  }
}

/// Writes the low byte of the first `lanes` numbers.
@inline(__always)
private func storeBytes(
  _ numbers: SIMD16<UInt32>, into bytes: UnsafeMutablePointer<UInt8>, _ lanes: Int
) {
  var vector = SIMD16<UInt8>(repeating: 0)
  for lane in 0..<16 {
    vector[lane] = UInt8(truncatingIfNeeded: numbers[lane])
  }
  if lanes == 16 {
    unsafe UnsafeMutableRawPointer(bytes).storeBytes(of: vector, as: SIMD16<UInt8>.self)
    return
  }
  for lane in 0..<lanes {
    unsafe bytes[lane] = vector[lane]
  }
}

/// The first `lanes` bytes as numbers.
@inline(__always)
private func loadBytes(_ bytes: UnsafePointer<UInt8>, _ lanes: Int) -> SIMD16<UInt32> {
  var vector = SIMD16<UInt8>(repeating: 0)
  if lanes == 16 {
    vector = unsafe UnsafeRawPointer(bytes).loadUnaligned(as: SIMD16<UInt8>.self)
  } else {
    for lane in 0..<lanes {
      vector[lane] = unsafe bytes[lane]
    }
  }
  var numbers = SIMD16<UInt32>(repeating: 0)
  for lane in 0..<16 {
    numbers[lane] = UInt32(vector[lane])
  }
  return numbers
}
