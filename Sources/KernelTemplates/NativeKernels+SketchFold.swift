import KernelInterface

extension NativeKernels {
  @inline(never)
  package func addSignedFold(_ fold: SignedFold) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + 4 * lanes <= fold.columns {
      FoldedColumns<4>.add(fold, column: column)
      column += 4 * lanes
    }
    if column + 2 * lanes <= fold.columns {
      FoldedColumns<2>.add(fold, column: column)
      column += 2 * lanes
    }
    if column + lanes <= fold.columns {
      FoldedColumns<1>.add(fold, column: column)
      column += lanes
    }
    if column < fold.columns { addLastColumns(fold, from: column) }
  }

  private func addLastColumns(_ fold: SignedFold, from first: Int) {
    for run in 0..<fold.runs {
      var bucket = (fold.firstBucket + run * fold.bucketRunStep) % fold.bucketCount
      for index in 0..<fold.length {
        let source = unsafe fold.source + (run * fold.sourceRunStep + index * fold.sourceStep)
        let target = unsafe fold.buckets + bucket * fold.bucketStride
        let sign = unsafe fold.signs[run * fold.signRunStep + index * fold.signStep]
        for column in first..<fold.columns {
          unsafe target[column] += sign * source[column]
        }
        bucket += fold.bucketStep
        if bucket >= fold.bucketCount { bucket -= fold.bucketCount }
      }
    }
  }

  @inline(never)
  package func addFoldedSigns(
    _ signs: UnsafePointer<Float>, count: Int, firstBucket: Int, bucketCount: Int,
    into buckets: UnsafeMutablePointer<Float>
  ) {
    var bucket = firstBucket % bucketCount
    var index = 0
    while index < count {
      let length = min(bucketCount - bucket, count - index)
      for offset in 0..<length {
        unsafe buckets[bucket + offset] += signs[index + offset]
      }
      index += length
      bucket = 0
    }
  }

  @inline(never)
  package func addColumnSums(
    _ source: UnsafePointer<Float>, columns: Int, runs: Int, runStep: Int, length: Int, step: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + 4 * lanes <= columns {
      unsafe SummedColumns<4>.add(
        source + column, runs: runs, runStep: runStep, length: length, step: step,
        into: result + column)
      column += 4 * lanes
    }
    if column + 2 * lanes <= columns {
      unsafe SummedColumns<2>.add(
        source + column, runs: runs, runStep: runStep, length: length, step: step,
        into: result + column)
      column += 2 * lanes
    }
    if column + lanes <= columns {
      unsafe SummedColumns<1>.add(
        source + column, runs: runs, runStep: runStep, length: length, step: step,
        into: result + column)
      column += lanes
    }
    while column < columns {
      var sum: Float = 0
      for run in 0..<runs {
        for index in 0..<length {
          unsafe sum += source[run * runStep + index * step + column]
        }
      }
      unsafe result[column] += sum
      column += 1
    }
  }
}

/// Some vectors of columns side by side.
private enum FoldedColumns<let vectors: Int> {
  @inline(__always)
  static func add(_ fold: SignedFold, column: Int) {
    let lanes = NativeVector.scalarCount
    let buckets = unsafe fold.buckets + column
    let end = unsafe buckets + fold.bucketCount * fold.bucketStride
    let advance = fold.bucketStep * fold.bucketStride
    let size = fold.bucketCount * fold.bucketStride
    for run in 0..<fold.runs {
      let first = (fold.firstBucket + run * fold.bucketRunStep) % fold.bucketCount
      var target = unsafe buckets + first * fold.bucketStride
      var source = unsafe fold.source + (run * fold.sourceRunStep + column)
      var sign = unsafe fold.signs + run * fold.signRunStep
      for _ in 0..<fold.length {
        let factor = unsafe NativeVector(repeating: sign.pointee)
        for index in 0..<vectors {
          let place = unsafe UnsafeMutableRawPointer(target + index * lanes)
          let values = unsafe UnsafeRawPointer(source + index * lanes)
            .loadUnaligned(as: NativeVector.self)
          // A product with ±1 is exact: fused or not, the sum is the same to the bit.
          unsafe place.storeBytes(
            of: place.loadUnaligned(as: NativeVector.self) + factor * values,
            as: NativeVector.self)
        }
        unsafe source += fold.sourceStep
        unsafe sign += fold.signStep
        unsafe target += advance
        if unsafe target >= end { unsafe target -= size }
      }
    }
  }
}

/// Some vectors of columns side by side, summed up in four parts each: additions that wait for each
/// other would take most of the time.
private enum SummedColumns<let vectors: Int> {
  @inline(__always)
  static func add(
    _ source: UnsafePointer<Float>, runs: Int, runStep: Int, length: Int, step: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    let lanes = NativeVector.scalarCount
    var sums = InlineArray<4, InlineArray<vectors, NativeVector>>(
      repeating: InlineArray(repeating: NativeVector(repeating: 0)))
    for run in 0..<runs {
      var row = unsafe source + run * runStep
      for _ in 0..<length / 4 {
        for part in 0..<4 {
          for index in 0..<vectors {
            unsafe sums[part][index] += UnsafeRawPointer(row + index * lanes)
              .loadUnaligned(as: NativeVector.self)
          }
          unsafe row += step
        }
      }
      for _ in 0..<length % 4 {
        for index in 0..<vectors {
          unsafe sums[0][index] += UnsafeRawPointer(row + index * lanes)
            .loadUnaligned(as: NativeVector.self)
        }
        unsafe row += step
      }
    }
    for index in 0..<vectors {
      let target = unsafe UnsafeMutableRawPointer(result + index * lanes)
      let sum = (sums[0][index] + sums[1][index]) + (sums[2][index] + sums[3][index])
      unsafe target.storeBytes(
        of: target.loadUnaligned(as: NativeVector.self) + sum, as: NativeVector.self)
    }
  }
}
