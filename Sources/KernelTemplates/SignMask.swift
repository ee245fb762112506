/// Bits of a mask as vectors and back; bit i % 8 of byte i / 8 belongs to element i.
enum SignMask {
  /// The sign bits of sixteen elements.
  @inline(__always)
  static func bits(of mask: SIMDMask<SIMD16<Int32>>) -> UInt16 {
    let bytes = LaneBytes.bytes(1, where: mask)
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

extension UnsafePointer<UInt8> {
  /// The lanes whose bits are set, from element `index` on, which begins a byte.
  @inline(__always)
  func loadSigns(_ index: Int, _ lanes: Int) -> SIMDMask<SIMD16<Int32>> {
    let byte = index &>> 3
    return SignMask.lanes(
      of: lanes > 8
        ? unsafe UnsafeRawPointer(self + byte).loadUnaligned(as: UInt16.self)
        : unsafe UInt16(self[byte]))
  }
}

extension UnsafeMutablePointer<UInt8> {
  /// Writes a bit for each of `lanes` values from element `index` on, which begins a byte; the bits
  /// behind them up to the end of the byte become 0.
  @inline(__always)
  func storeSigns(of values: Lanes, _ index: Int, _ lanes: Int) {
    // The values behind `lanes` are 0.
    unsafe storeBits(SignMask.bits(of: values .> Lanes(repeating: 0)), index, lanes)
  }

  /// Writes `bits` from element `index` on, which begins a byte: whole bytes that hold `lanes` bits.
  @inline(__always)
  func storeBits(_ bits: UInt16, _ index: Int, _ lanes: Int) {
    let byte = index &>> 3
    if lanes > 8 {
      unsafe UnsafeMutableRawPointer(self + byte).storeBytes(of: bits, as: UInt16.self)
    } else {
      unsafe self[byte] = UInt8(truncatingIfNeeded: bits)
    }
  }
}
