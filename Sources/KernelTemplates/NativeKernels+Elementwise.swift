import KernelInterface

extension NativeKernels: ElementwiseKernels {
  @inline(never)
  package func accumulate(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      let sum = unsafe destination.loadLanes(index, lanes) + source.loadLanes(index, lanes)
      unsafe destination.storeLanes(sum, index, lanes)
    }
  }

  @inline(never)
  package func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float,
    mask: UnsafeMutablePointer<UInt8>?
  ) {
    let rectifier = Rectifier(negativeSlope)
    forEachLanes(count) { index, lanes in
      let sum = unsafe a.loadLanes(index, lanes) + b.loadLanes(index, lanes)
      unsafe rectifier.store(sum, into: output, mask: mask, index, lanes)
    }
  }

  @inline(never)
  package func subtract(
    _ b: UnsafePointer<Float>, from a: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      let difference = unsafe a.loadLanes(index, lanes) - b.loadLanes(index, lanes)
      unsafe output.storeLanes(difference, index, lanes)
    }
  }

  @inline(never)
  package func copy(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      unsafe destination.storeLanes(source.loadLanes(index, lanes), index, lanes)
    }
  }

  @inline(never)
  package func fill(
    _ destination: UnsafeMutablePointer<Float>, with value: Float, count: Int
  ) {
    let vector = Lanes(repeating: value)
    forEachLanes(count) { index, lanes in
      unsafe destination.storeLanes(vector, index, lanes)
    }
  }

  @inline(never)
  package func scale(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    forEachLanes(count) { index, lanes in
      unsafe values.storeLanes(values.loadLanes(index, lanes) * factor, index, lanes)
    }
  }

  @inline(never)
  package func isFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    // x − x is 0 for finite x and not a number for all others, and so stays the sum.
    var sum = Lanes(repeating: 0)
    @inline(__always)
    func add(_ index: Int, _ lanes: Int) {
      let vector = unsafe values.loadLanes(index, lanes)
      sum += vector - vector
    }
    forEachLanes(count, add)
    for lane in 0..<Lanes.scalarCount where sum[lane] != 0 { return false }
    return true
  }

  @inline(never)
  package func transpose(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, firstRow: Int, rowCount: Int
  ) {
    // Tiles of 16 × 16 keep the cache lines of both sides until they are complete.
    let tile = 16
    let endRow = firstRow &+ rowCount
    for rowTile in stride(from: firstRow, to: endRow, by: tile) {
      let tileEnd = min(endRow, rowTile &+ tile)
      for columnTile in stride(from: 0, to: columns, by: tile) {
        for column in columnTile..<min(columns, columnTile &+ tile) {
          for row in rowTile..<tileEnd {
            unsafe output[column &* rows &+ row] = input[row &* columns &+ column]
          }
        }
      }
    }
  }
}
