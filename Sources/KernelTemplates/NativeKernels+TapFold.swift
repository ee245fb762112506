import KernelInterface

extension NativeKernels {
  @inline(never)
  package func foldTaps(_ fold: TapFold) {
    // Nine taps of two vectors fill eighteen registers, where there are 32 of sixteen numbers.
    let hasManyRegisters = NativeVector.scalarCount == 16
    var column = 0
    while column < fold.columns {
      if hasManyRegisters, fold.columns - column > NativeVector.scalarCount {
        foldColumns(WideTaps<2>.self, fold, column: column)
        column += 2 * NativeVector.scalarCount
      } else {
        foldColumns(WideTaps<1>.self, fold, column: column)
        column += NativeVector.scalarCount
      }
    }
  }

  @inline(__always)
  private func foldColumns<let vectors: Int>(
    _: WideTaps<vectors>.Type, _ fold: TapFold, column: Int
  ) {
    var tap = 0
    while tap + 9 <= fold.tapCount {
      FoldedTaps<9, vectors>.write(fold, firstTap: tap, column: column)
      tap += 9
    }
    while tap + 3 <= fold.tapCount {
      FoldedTaps<3, vectors>.write(fold, firstTap: tap, column: column)
      tap += 3
    }
    while tap < fold.tapCount {
      FoldedTaps<1, vectors>.write(fold, firstTap: tap, column: column)
      tap += 1
    }
  }

  @inline(never)
  package func copyRows(
    _ source: UnsafePointer<Float>, step: Int, count: Int, columns: Int,
    into destination: UnsafeMutablePointer<Float>, destinationStep: Int,
    addingTo sums: UnsafeMutablePointer<Float>
  ) {
    var column = 0
    while column < columns {
      let lanes = min(NativeVector.scalarCount, columns - column)
      if lanes == NativeVector.scalarCount {
        var sum = NativeVector(repeating: 0)
        for row in 0..<count {
          let values = unsafe loadVector(source, row * step + column)
          unsafe storeVector(values, destination, row * destinationStep + column)
          sum += values
        }
        unsafe storeVector(loadVector(sums, column) + sum, sums, column)
      } else {
        for lane in column..<columns {
          var sum: Float = 0
          for row in 0..<count {
            let value = unsafe source[row * step + lane]
            unsafe destination[row * destinationStep + lane] = value
            sum += value
          }
          unsafe sums[lane] = sums[lane] + sum
        }
      }
      column += lanes
    }
  }
}

/// A number of vectors, as a type.
private enum WideTaps<let vectors: Int> {}

/// Some taps of some vectors of columns; each sum stays in a register.
private enum FoldedTaps<let taps: Int, let vectors: Int> {
  @inline(__always)
  static func write(_ fold: TapFold, firstTap: Int, column: Int) {
    let lanes = NativeVector.scalarCount
    var offsets = InlineArray<taps, Int>(repeating: 0)
    for tap in 0..<taps { offsets[tap] = unsafe Int(fold.tapOffsets[firstTap &+ tap]) &+ column }
    let isWhole = fold.columns &- column >= vectors &* lanes
    let tapStride = fold.tapStride
    var target = unsafe fold.buckets + (firstTap &* tapStride &+ column)
    for bucket in 0..<fold.bucketCount {
      var sums = InlineArray<taps, InlineArray<vectors, NativeVector>>(
        repeating: InlineArray(repeating: NativeVector(repeating: 0)))
      var pixel = bucket
      while pixel < fold.pixelCount {
        let row = unsafe fold.source + Int(fold.pixelOffsets[pixel])
        let sign = unsafe NativeVector(repeating: fold.signs[pixel])
        for tap in 0..<taps {
          for vector in 0..<vectors {
            // A product with ±1 is exact: fused or not, the sum is the same to the bit.
            sums[tap][vector] = multiplyAdd(
              sums[tap][vector], sign,
              unsafe loadVector(row, offsets[tap] &+ vector &* lanes))
          }
        }
        pixel += fold.bucketCount
      }
      if isWhole {
        // One register that grows, where a place for each tap would not find one.
        var row = unsafe target
        for tap in 0..<taps {
          for vector in 0..<vectors { unsafe storeVector(sums[tap][vector], row, vector &* lanes) }
          unsafe row += tapStride
        }
      } else {
        unsafe storePart(sums, fold, target, column: column)
      }
      unsafe target += fold.bucketStride
    }
  }

  /// Stores the last columns, which fill their last vector in part.
  ///
  /// A call of its own, so that sums which are picked lane by lane do not keep those of whole vectors
  /// from staying in registers.
  @inline(never)
  private static func storePart(
    _ sums: InlineArray<taps, InlineArray<vectors, NativeVector>>, _ fold: TapFold,
    _ target: UnsafeMutablePointer<Float>, column: Int
  ) {
    let lanes = NativeVector.scalarCount
    for tap in 0..<taps {
      for index in 0..<fold.columns &- column {
        unsafe target[tap &* fold.tapStride &+ index] = sums[tap][index / lanes][index % lanes]
      }
    }
  }
}
