/// Bits of a mask as vectors and back; bit i % 8 of byte i / 8 belongs to element i.
enum SignMask {
  /// The sign bits of sixteen elements.
  @inline(__always)
  static func bits(of mask: SIMDMask<SIMD16<Int32>>) -> UInt16 {
    let ones = SIMD16<UInt32>(repeating: 0)
      .replacing(with: SIMD16<UInt32>(repeating: 1), where: mask)
    // Lane by lane, since `truncatingIfNeeded` of the library is not inlined: this is.
    var bytes = SIMD16<UInt8>(repeating: 0)
    for lane in 0..<16 {
      bytes[lane] = UInt8(truncatingIfNeeded: ones[lane])
    }
    // Eight bytes of 0 or 1 times this constant: byte k lands at bit 56 + k, and nothing below
    // carries into the top byte.
    let gathered =
      unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self) &* SIMD2(repeating: 0x0102_0408_1020_4080)
    return UInt16(truncatingIfNeeded: gathered[0] &>> 56)
      | UInt16(truncatingIfNeeded: gathered[1] &>> 56) &<< 8
  }

  /// Sixteen lanes, each set where its bit is.
  @inline(__always)
  static func lanes(of bits: UInt16) -> SIMDMask<SIMD16<Int32>> {
    let weights = SIMD16<UInt32>(
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
    return (SIMD16<UInt32>(repeating: UInt32(bits)) & weights) .!= SIMD16(repeating: 0)
  }
}
