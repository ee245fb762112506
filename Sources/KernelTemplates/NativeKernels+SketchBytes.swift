import KernelInterface

extension NativeKernels {
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
      let vector = unsafe UnsafePointer(values).loadLanes(index, part)
      // Neighbours differ by 2¹⁶ in the pattern: a uniform number below that carries, or does not.
      let random = randomWords(stream: stream, index: first + index) &>> 16
      let pattern = unsafe unsafeBitCast(vector, to: SIMD16<UInt32>.self)
      let upper = (pattern &+ random) & 0xFFFF_0000
      unsafe values.storeLanes(unsafeBitCast(upper, to: Lanes.self), index, part)
      for lane in 0..<part {
        unsafe halves[index + lane] = UInt16(truncatingIfNeeded: upper[lane] &>> 16)
      }
      index += 16
    }
  }
}
