/// Random words from a counter: word e of a stream depends on the stream and e alone, so any part of
/// a stream can be drawn by anyone at any time.

/// Output `index` of the SplitMix64 generator that starts at `stream`.
@inline(__always)
func splitMix(stream: UInt64, index: Int) -> UInt64 {
  var word = stream &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
  word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
  word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
  return word ^ (word >> 31)
}

var lowLanes: SIMD16<UInt32> {
  @inline(__always) get {
    SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  }
}

/// Sixteen random words from one: a 32-bit mix with low bias (Wellons, hash-prospector) of a
/// sequence that starts at `key`.
@inline(__always)
func mixLanes(_ key: UInt32) -> SIMD16<UInt32> {
  var word = SIMD16<UInt32>(repeating: key) &+ lowLanes &* 0x9E37_79B9
  word = (word ^ (word &>> 16)) &* 0x21F0_AAAD
  word = (word ^ (word &>> 15)) &* 0xD35A_2D97
  return word ^ (word &>> 15)
}

@inline(__always)
func store(_ vector: SIMD16<Float>, at destination: UnsafeMutablePointer<Float>) {
  unsafe UnsafeMutableRawPointer(destination).storeBytes(of: vector, as: SIMD16<Float>.self)
}

@inline(__always)
func floats(of bits: SIMD16<UInt32>) -> SIMD16<Float> {
  unsafe unsafeBitCast(bits, to: SIMD16<Float>.self)
}

/// ±1, the sign taken from the lowest bit.
@inline(__always)
func signs(of bits: SIMD16<UInt32>) -> SIMD16<Float> {
  floats(of: (bits &<< 31) | 0x3F80_0000)
}

/// Numbers on [1, 2) from the upper 23 bits.
@inline(__always)
func unitInterval(_ bits: SIMD16<UInt32>) -> SIMD16<Float> {
  floats(of: (bits &>> 9) | 0x3F80_0000)
}

/// Sixteen words of a stream that has one block of words for each index.
@inline(__always)
func randomWords(stream: UInt64, index: Int) -> SIMD16<UInt32> {
  mixLanes(UInt32(truncatingIfNeeded: splitMix(stream: stream, index: index)))
}

/// Sixteen uniform numbers on [0, 1) of a stream that has one block of numbers for each index.
@inline(__always)
func uniforms(stream: UInt64, index: Int) -> SIMD16<Float> {
  unitInterval(randomWords(stream: stream, index: index)) - 1
}

/// The greater of two numbers, lane by lane.
///
/// `pointwiseMax` goes through the lanes one by one, for the sake of what is not a number.
@inline(__always)
func greater(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  a.replacing(with: b, where: b .> a)
}

/// The smaller of two numbers, lane by lane.
@inline(__always)
func smaller(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  a.replacing(with: b, where: b .< a)
}
