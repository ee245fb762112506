import KernelInterface

extension NativeKernels: LocalResponseKernels {
  @inline(never)
  package func normalizeLocally(
    _ response: LocalResponse, _ input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, pixels: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let squares = unsafe scratch
    unsafe clear(scratch, response, channels)
    for pixel in 0..<pixels {
      let x = unsafe input + pixel &* channels
      unsafe storeSquares(of: x, channels, into: squares + response.before)
      let y = unsafe output + pixel &* channels
      forEachLanesAlike(channels) { channel, lanes in
        let divisor = unsafe response.divisors(squares, channel)
        let power = (divisor.logarithm * -response.exponent).exponential
        unsafe y.storeLanes(x.loadLanes(channel, lanes) * power, channel, lanes)
      }
    }
  }

  @inline(never)
  package func normalizeLocallyBackward(
    _ response: LocalResponse, _ input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, pixels: Int,
    channels: Int, accumulate: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let length = response.scratchCount(channels: channels) / 3
    let (squares, shares, powers) = unsafe (scratch, scratch + length, scratch + 2 &* length)
    unsafe clear(scratch, response, channels)
    let factor = -2 * response.factor * response.exponent
    for pixel in 0..<pixels {
      let x = unsafe input + pixel &* channels
      let gradient = unsafe outputGradient + pixel &* channels
      let destination = unsafe inputGradient + pixel &* channels
      unsafe storeSquares(of: x, channels, into: squares + response.before)
      // What each divisor takes from the channels of its window, before any gradient is written.
      forEachLanesAlike(channels) { channel, lanes in
        let divisor = unsafe response.divisors(squares, channel)
        let power = (divisor.logarithm * -response.exponent).exponential
        unsafe powers.storeLanes(power, channel, lanes)
        let product = unsafe gradient.loadLanes(channel, lanes) * x.loadLanes(channel, lanes)
        unsafe (shares + response.behind).storeLanes(product * power / divisor, channel, lanes)
      }
      forEachLanesAlike(channels) { channel, lanes in
        // The windows that hold a channel reach as far as its own, the other way round.
        let taken = unsafe response.windowSums(shares, channel)
        let own = unsafe gradient.loadLanes(channel, lanes) * powers.loadLanes(channel, lanes)
        let result = unsafe own + x.loadLanes(channel, lanes) * (taken * factor)
        unsafe destination.storeLanes(result, channel, lanes, accumulate: accumulate)
      }
    }
  }
}

/// Writes 0 to all scratch: windows reach beyond the first and the last channel.
@inline(__always)
private func clear(
  _ scratch: UnsafeMutablePointer<Float>, _ response: LocalResponse, _ channels: Int
) {
  forEachLanes(response.scratchCount(channels: channels)) { index, lanes in
    unsafe scratch.storeLanes(Lanes(repeating: 0), index, lanes)
  }
}

@inline(__always)
private func storeSquares(
  of x: UnsafePointer<Float>, _ channels: Int, into squares: UnsafeMutablePointer<Float>
) {
  forEachLanes(channels) { channel, lanes in
    let values = unsafe x.loadLanes(channel, lanes)
    unsafe squares.storeLanes(values * values, channel, lanes)
  }
}

extension LocalResponse {
  /// The sums over the windows of sixteen channels, the first of which begins at `channel`.
  @inline(__always)
  fileprivate func windowSums(_ values: UnsafeMutablePointer<Float>, _ channel: Int) -> Lanes {
    var sum = Lanes(repeating: 0)
    for offset in 0..<size {
      sum += unsafe values.loadLanes(channel &+ offset, Lanes.scalarCount)
    }
    return sum
  }

  /// What sixteen channels are divided by, before it is raised to the exponent.
  @inline(__always)
  fileprivate func divisors(_ squares: UnsafeMutablePointer<Float>, _ channel: Int) -> Lanes {
    unsafe windowSums(squares, channel) * factor + offset
  }
}
