import KernelInterface

/// Means of positive numbers, which a mask of their signs tells again.
extension NativeKernels {
  @inline(never)
  package func subtractPositiveMeans(
    _ source: UnsafePointer<Float>, step: Int, rows: Int, columns: Int,
    into destination: UnsafeMutablePointer<Float>, destinationStep: Int,
    means: UnsafeMutableRawPointer
  ) {
    forEachLanes(columns) { column, lanes in
      let zero = Lanes(repeating: 0)
      var (sum, count) = (zero, zero)
      for row in 0..<rows {
        let value = unsafe source.loadLanes(row &* step &+ column, lanes)
        let isPositive = value .> zero
        sum += zero.replacing(with: value, where: isPositive)
        count += zero.replacing(with: Lanes(repeating: 1), where: isPositive)
      }
      let exact = sum / count.replacing(with: Lanes(repeating: 1), where: count .== zero)
      let pattern = unsafe unsafeBitCast(exact, to: SIMD16<UInt32>.self)
      let upper = (pattern &+ 0x8000) & 0xFFFF_0000
      let mean = unsafe unsafeBitCast(upper, to: Lanes.self)
      for lane in 0..<lanes {
        unsafe means.storeBytes(
          of: UInt16(truncatingIfNeeded: upper[lane] &>> 16), toByteOffset: 2 &* (column &+ lane),
          as: UInt16.self)
      }
      for row in 0..<rows {
        let value = unsafe source.loadLanes(row &* step &+ column, lanes)
        let taken = zero.replacing(with: mean, where: value .> zero)
        unsafe destination.storeLanes(value - taken, row &* destinationStep &+ column, lanes)
      }
    }
  }

  @inline(never)
  package func addPositiveMeans(
    _ means: UnsafeRawPointer, mask: UnsafePointer<UInt8>, firstBit: Int, rows: Int, columns: Int,
    to values: UnsafeMutablePointer<Float>
  ) {
    @inline(__always)
    func addMeans(_ column: Int, _ lanes: Int) {
      var mean = Lanes(repeating: 0)
      for lane in 0..<lanes {
        let upper = unsafe means.loadUnaligned(
          fromByteOffset: 2 &* (column &+ lane), as: UInt16.self)
        mean[lane] = Float(bitPattern: UInt32(upper) << 16)
      }
      for row in 0..<rows {
        let index = row &* columns &+ column
        let bit = firstBit &+ index
        let signs: SIMDMask<SIMD16<Int32>>
        if lanes == Lanes.scalarCount, bit & 7 == 0 {
          unsafe signs = mask.loadSigns(bit, lanes)
        } else {
          var bits: UInt16 = 0
          for lane in 0..<lanes {
            let place = bit &+ lane
            bits |= unsafe UInt16((mask[place &>> 3] &>> UInt8(place & 7)) & 1) &<< UInt16(lane)
          }
          signs = SignMask.lanes(of: bits)
        }
        let taken = Lanes(repeating: 0).replacing(with: mean, where: signs)
        unsafe values.storeLanes(values.loadLanes(index, lanes) + taken, index, lanes)
      }
    }
    forEachLanes(columns, addMeans)
  }
}
