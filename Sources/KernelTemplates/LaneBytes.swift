/// Conversions between vectors of bytes and of floats and their masks.
///
/// They are spelled so that they become single instructions: the library's conversions are not
/// inlined, its comparisons of integers and loops over lanes are not always unrolled, and what the
/// compiler recognises as a narrowing is a choice between two constants.
enum LaneBytes {
  private static var bitsOfOne: UInt32 { 0x3F80_0000 }

  /// The float that stands for a number below 256: 1 + number·2⁻²³, whose lowest bits it is.
  @inline(__always)
  static func float(_ number: Int) -> Float {
    Float(bitPattern: bitsOfOne | UInt32(truncatingIfNeeded: number))
  }

  /// The floats that stand for numbers.
  @inline(__always)
  static func floats(_ bytes: SIMD16<UInt8>) -> Lanes {
    @inline(__always)
    func bits(_ lane: Int) -> UInt32 { UInt32(bytes[lane]) | bitsOfOne }
    let all = SIMD16<UInt32>(
      bits(0), bits(1), bits(2), bits(3), bits(4), bits(5), bits(6), bits(7), bits(8), bits(9),
      bits(10), bits(11), bits(12), bits(13), bits(14), bits(15))
    return unsafe unsafeBitCast(all, to: Lanes.self)
  }

  /// Bytes of `value` where the mask is set, of 0 elsewhere.
  @inline(__always)
  static func bytes(_ value: UInt8, where mask: SIMDMask<SIMD16<Int32>>) -> SIMD16<UInt8> {
    let numbers = SIMD16<UInt32>(repeating: 0)
      .replacing(with: SIMD16<UInt32>(repeating: UInt32(value)), where: mask)
    return lowest(numbers)
  }

  /// The lowest byte of each word.
  @inline(__always)
  static func lowest(_ words: SIMD16<UInt32>) -> SIMD16<UInt8> {
    var bytes = SIMD16<UInt8>(repeating: 0)
    for lane in 0..<16 {
      bytes[lane] = UInt8(truncatingIfNeeded: words[lane])
    }
    return bytes
  }
}

extension UnsafePointer<UInt8> {
  /// The floats that stand for the `lanes` bytes from `index` on.
  @inline(__always)
  func loadLanes(_ index: Int, _ lanes: Int) -> Lanes {
    if lanes == Lanes.scalarCount {
      return LaneBytes.floats(
        unsafe UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<UInt8>.self))
    }
    var bytes = SIMD16<UInt8>(repeating: 0)
    for lane in 0..<lanes {
      bytes[lane] = unsafe self[index &+ lane]
    }
    return LaneBytes.floats(bytes)
  }
}

extension UnsafeMutablePointer where Pointee: FixedWidthInteger & SIMDScalar & BitwiseCopyable {
  /// Writes the first `lanes` numbers from `index` on.
  @inline(__always)
  func storeLanes(_ numbers: SIMD16<Pointee>, _ index: Int, _ lanes: Int) {
    if lanes == Lanes.scalarCount {
      unsafe UnsafeMutableRawPointer(self + index)
        .storeBytes(of: numbers, as: SIMD16<Pointee>.self)
      return
    }
    for lane in 0..<lanes {
      unsafe self[index &+ lane] = numbers[lane]
    }
  }
}
