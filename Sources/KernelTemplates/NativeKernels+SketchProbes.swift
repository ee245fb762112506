import KernelInterface

/// Random numbers from a counter: an element depends on its stream and index alone, so any tile of
/// a probe matrix can be drawn by anyone at any time.
///
/// The generator is SplitMix64 (Steele, Lea and Flood 2014), whose k-th output is a mix of seed +
/// k·increment; a block of elements shares one output.
extension NativeKernels {
  @inline(never)
  package func fillSigns(
    stream: UInt64, first: Int, count: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    unsafe fill(first: first, count: count, blockLength: signBlockLength, into: destination) {
      block, output in
      let word = splitMix(stream: stream, index: block)
      for half in 0..<2 {
        let bits = SIMD16<UInt32>(repeating: UInt32(truncatingIfNeeded: word >> (32 * half)))
        unsafe store(signs(of: bits &>> lowLanes), at: output + 32 * half)
        unsafe store(signs(of: bits &>> (lowLanes &+ 16)), at: output + 32 * half + 16)
      }
    }
  }

  @inline(never)
  package func fillNormals(
    stream: UInt64, first: Int, count: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    unsafe fill(first: first, count: count, blockLength: normalBlockLength, into: destination) {
      block, output in
      let key = splitMix(stream: stream, index: block)
      let radiusBits = mixLanes(UInt32(truncatingIfNeeded: key))
      let angleBits = mixLanes(UInt32(truncatingIfNeeded: key >> 32))
      let radius = radii(from: radiusBits)
      let (cosine, sine) = directions(from: angleBits)
      unsafe store(radius * cosine, at: output)
      unsafe store(radius * sine, at: output + 16)
    }
  }

  /// Cuts a range of elements into blocks; whole blocks are written in place, the parts of blocks
  /// at the ends by way of a buffer.
  @inline(__always)
  private func fill(
    first: Int, count: Int, blockLength: Int, into destination: UnsafeMutablePointer<Float>,
    writeBlock: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let end = first + count
    var element = first
    var buffer = InlineArray<64, Float>(repeating: 0)
    while element < end {
      let block = element / blockLength
      let blockStart = block * blockLength
      let next = min(blockStart + blockLength, end)
      if element == blockStart, next == blockStart + blockLength {
        unsafe writeBlock(block, destination + (element - first))
      } else {
        unsafe withUnsafeMutablePointer(to: &buffer) { pointer in
          unsafe pointer.withMemoryRebound(to: Float.self, capacity: 64) { floats in
            unsafe writeBlock(block, floats)
            for index in element..<next {
              unsafe destination[index - first] = floats[index - blockStart]
            }
          }
        }
      }
      element = next
    }
  }
}

private let signBlockLength = 64
private let normalBlockLength = 32

/// √(−2 ln u) for uniform u on (0, 1]: the radius of Box and Muller (1958).
///
/// No fused multiply-add here and below: every instruction set gives the same bits.
@inline(__always)
private func radii(from bits: SIMD16<UInt32>) -> SIMD16<Float> {
  let uniform = 2 - unitInterval(bits)
  let pattern = unsafe unsafeBitCast(uniform, to: SIMD16<UInt32>.self)
  let (exponent, mantissa) = exponentAndMantissa(of: pattern)
  // ln m = 2 artanh t with t = (m − 1)/(m + 1) ≤ 1/3; the first term left out is below 2e-7.
  let t = (mantissa - 1) / (mantissa + 1)
  let square = t * t
  var series = Lanes(repeating: 1 / 11)
  series = horner(series, square, 1 / 9)
  series = horner(series, square, 1 / 7)
  series = horner(series, square, 1 / 5)
  series = horner(series, square, 1 / 3)
  series = horner(series, square, 1)
  let tail = 2 * t * series
  let logarithm = exponent * 0.693_147_18 + tail
  return root(of: greater(logarithm * -2, SIMD16(repeating: 0)))
}

/// The square root: `squareRoot` calls the C library for each lane.
///
/// Three steps of Newton's method for 1/√x from a guess in the exponent leave an error of a few 1e-7.
@inline(__always)
private func root(of square: SIMD16<Float>) -> SIMD16<Float> {
  let pattern = unsafe unsafeBitCast(square, to: SIMD16<UInt32>.self)
  var inverse = floats(of: 0x5F37_59DF &- (pattern &>> 1))
  for _ in 0..<3 {
    inverse = inverse * (1.5 - 0.5 * square * inverse * inverse)
  }
  return square * inverse
}

/// Cosine and sine of uniform angles: an angle in the first quadrant, and two random signs.
@inline(__always)
private func directions(from bits: SIMD16<UInt32>) -> (SIMD16<Float>, SIMD16<Float>) {
  // The angle from the diagonal, on [−π/4, π/4): Taylor's series err below 4e-8 there.
  let angle = (unitInterval(bits) - 1.5) * (Float.pi / 2)
  let square = angle * angle
  var cosine = Lanes(repeating: 1 / 40_320)
  cosine = horner(cosine, square, -1 / 720)
  cosine = horner(cosine, square, 1 / 24)
  cosine = horner(cosine, square, -0.5)
  cosine = horner(cosine, square, 1)
  var sine = Lanes(repeating: 1 / 362_880)
  sine = horner(sine, square, -1 / 5_040)
  sine = horner(sine, square, 1 / 120)
  sine = horner(sine, square, -1 / 6)
  sine = horner(sine, square, 1) * angle
  let half: Float = 0.707_106_77
  let first = (cosine - sine) * half
  let second = (cosine + sine) * half
  return (first * signs(of: bits), second * signs(of: bits &>> 1))
}
