import KernelInterface

/// The lowest byte of each word.
///
/// Bytes that are picked from a vector of bytes become a shuffle; converted words would go one by one.
@inline(__always)
private func lowBytes(_ words: SIMD16<UInt32>) -> SIMD16<UInt8> {
  let bytes = unsafe unsafeBitCast(words, to: SIMD64<UInt8>.self)
  return SIMD16(
    bytes[0], bytes[4], bytes[8], bytes[12], bytes[16], bytes[20], bytes[24], bytes[28],
    bytes[32], bytes[36], bytes[40], bytes[44], bytes[48], bytes[52], bytes[56], bytes[60])
}

/// Random rounding keeps means: a value between two neighbours goes to the nearer one with the
/// greater probability. A uniform number is added, and the sum is rounded down.
extension NativeKernels {
  @inline(never)
  package func encodeRows(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int, bits: Int,
    stream: UInt64, first: Int,
    into bytes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt16>
  ) {
    let slots = 8 / bits
    let highest = Float(1 << bits - 1)
    let middle = highest / 2
    var column = 0
    while column < columns {
      let count = min(16, columns - column)
      // Not zero, so that the scale of a map of zeros has an inverse.
      let largest = unsafe largestMagnitudes(
        values + column, rows: rows, count: count, step: step, atLeast: 1e-30)
      // The scale is rounded up to 16 bits: no magnitude exceeds half of the levels.
      let pattern = unsafe unsafeBitCast(largest * (1 / middle), to: SIMD16<UInt32>.self)
      let upper = (pattern &+ 0x1_0000) &>> 16
      for lane in 0..<count {
        unsafe scales[column + lane] = UInt16(truncatingIfNeeded: upper[lane])
      }
      let scale = unsafe unsafeBitCast(upper &<< 16, to: SIMD16<Float>.self)
      let inverse = 1 / scale
      // A random word serves two rows: sixteen bits keep the mean to 2⁻¹⁷ of a level.
      var word = SIMD16<UInt32>(repeating: 0)
      for packedRow in 0..<(rows + slots - 1) / slots {
        var packed = SIMD16<UInt32>(repeating: 0)
        for slot in 0..<min(slots, rows - packedRow * slots) {
          let row = packedRow * slots + slot
          let offset = row * step + column
          if row & 1 == 0 {
            word = randomWords(stream: stream, index: first + offset)
          } else {
            word = word &<< 16
          }
          let uniform = unitInterval(word & 0xFFFF_0000) - 1
          // A uniform number less a half, and rounding to the nearest: up or down at random. Adding
          // 1.5·2²³ rounds to a whole number and leaves it in the lowest bits.
          let position =
            unsafe loadPart(values + offset, count) * inverse + (uniform + (middle - 0.5))
          let sum = smaller(position, SIMD16(repeating: highest)) + 12_582_912
          let level = unsafe unsafeBitCast(sum, to: SIMD16<UInt32>.self) & UInt32(highest)
          packed |= level &<< UInt32(slot * bits)
          unsafe storePart((sum - 12_582_912 - middle) * scale, values + offset, count)
        }
        let number = lowBytes(packed)
        let target = unsafe UnsafeMutableRawPointer(bytes + (packedRow * step + column))
        if count == 16 {
          unsafe target.storeBytes(of: number, as: SIMD16<UInt8>.self)
        } else {
          for lane in 0..<count {
            unsafe target.storeBytes(of: number[lane], toByteOffset: lane, as: UInt8.self)
          }
        }
      }
      column += 16
    }
  }

  @inline(never)
  package func decodeRows(
    _ bytes: UnsafePointer<UInt8>, scales: UnsafePointer<UInt16>, rows: Int, columns: Int,
    bits: Int, into values: UnsafeMutablePointer<Float>
  ) {
    let slots = 8 / bits
    let mask = UInt32(1 << bits - 1)
    let middle = Float(mask) / 2
    var column = 0
    while column + 16 <= columns {
      let upper = unsafe UnsafeRawPointer(scales + column)
        .loadUnaligned(as: SIMD16<UInt16>.self)
      let scale = unsafe unsafeBitCast(
        SIMD16<UInt32>(truncatingIfNeeded: upper) &<< 16, to: SIMD16<Float>.self)
      for row in 0..<rows {
        let packed = unsafe words(
          UnsafeRawPointer(bytes + (row / slots * columns + column))
            .loadUnaligned(as: SIMD16<UInt8>.self))
        let level = (packed &>> UInt32(row % slots * bits)) & mask
        // The pattern of 2²³ + n holds n in its lowest bits.
        let number = floats(of: level | 0x4B00_0000) - 8_388_608
        unsafe store((number - middle) * scale, at: values + (row * columns + column))
      }
      column += 16
    }
    while column < columns {
      let scale = unsafe Float(bitPattern: UInt32(scales[column]) << 16)
      for row in 0..<rows {
        let packed = unsafe UInt32(bytes[row / slots * columns + column])
        let level = (packed >> UInt32(row % slots * bits)) & mask
        unsafe values[row * columns + column] = (Float(level) - middle) * scale
      }
      column += 1
    }
  }

  @inline(never)
  package func encodeUpperHalves(
    _ values: UnsafeMutablePointer<Float>, count: Int, stream: UInt64, first: Int,
    into halves: UnsafeMutablePointer<UInt16>
  ) {
    var index = 0
    while index < count {
      let part = min(16, count - index)
      let vector = unsafe loadPart(values + index, part)
      // Neighbours differ by 2¹⁶ in the pattern: a uniform number below that carries, or does not.
      let random = randomWords(stream: stream, index: first + index) &>> 16
      let pattern = unsafe unsafeBitCast(vector, to: SIMD16<UInt32>.self)
      let upper = (pattern &+ random) & 0xFFFF_0000
      unsafe storePart(unsafeBitCast(upper, to: SIMD16<Float>.self), values + index, part)
      for lane in 0..<part {
        unsafe halves[index + lane] = UInt16(truncatingIfNeeded: upper[lane] &>> 16)
      }
      index += 16
    }
  }

  /// The largest magnitude of each of sixteen columns, and the least wanted for those that are beyond
  /// `count`.
  @inline(__always)
  private func largestMagnitudes(
    _ values: UnsafePointer<Float>, rows: Int, count: Int, step: Int, atLeast least: Float
  ) -> SIMD16<Float> {
    // Plain loops over memory: comparisons of vectors that go round a loop fall apart into quarters.
    var largest = sixteen(least)
    unsafe withUnsafeMutablePointer(to: &largest) { pointer in
      let largest = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
      var source = unsafe values
      for _ in 0..<rows {
        if count == 16 {
          unsafe keepLarger(largest, source, count: 16)
        } else {
          unsafe keepLarger(largest, source, count: count)
        }
        unsafe source += step
      }
    }
    var vector = SIMD16<Float>(repeating: 0)
    for lane in 0..<16 { vector[lane] = largest[lane] }
    return vector
  }

  @inline(__always)
  private func keepLarger(
    _ largest: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, count: Int
  ) {
    for lane in 0..<count {
      let value = unsafe abs(source[lane])
      let other = unsafe largest[lane]
      unsafe largest[lane] = value > other ? value : other
    }
  }

  @inline(__always)
  private func loadPart(_ source: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    if count == 16 { return unsafe UnsafeRawPointer(source).loadUnaligned(as: SIMD16<Float>.self) }
    var vector = SIMD16<Float>(repeating: 0)
    for lane in 0..<count { vector[lane] = unsafe source[lane] }
    return vector
  }

  @inline(__always)
  private func storePart(
    _ vector: SIMD16<Float>, _ destination: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    if count == 16 {
      unsafe UnsafeMutableRawPointer(destination).storeBytes(of: vector, as: SIMD16<Float>.self)
    } else {
      for lane in 0..<count { unsafe destination[lane] = vector[lane] }
    }
  }
}
