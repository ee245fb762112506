import KernelInterface

extension NativeKernels: ProductKernels {
  @inline(never)
  package func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, row: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int, accumulate: Bool
  ) {
    for index in 0..<rows {
      forEachLanes(columns) { column, lanes in
        let place = index &* columns &+ column
        let result = unsafe combined(
          operation, a.loadLanes(place, lanes), row.loadLanes(column, lanes))
        unsafe output.storeLanes(result, place, lanes, accumulate: accumulate)
      }
    }
  }

  @inline(never)
  package func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, column: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int, accumulate: Bool
  ) {
    for index in 0..<rows {
      let b = unsafe Lanes(repeating: column[index])
      forEachLanes(columns) { offset, lanes in
        let place = index &* columns &+ offset
        let result = unsafe combined(operation, a.loadLanes(place, lanes), b)
        unsafe output.storeLanes(result, place, lanes, accumulate: accumulate)
      }
    }
  }

  @inline(never)
  package func columnSums(
    ofProducts gradient: UnsafePointer<Float>, with a: UnsafePointer<Float>?, rows: Int,
    columns: Int, stride: Int, into sums: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    @inline(__always)
    func addColumns(_ column: Int, _ lanes: Int) {
      // Sums of sums: a chain over all rows of a large map would lose digits.
      var total = Lanes(repeating: 0)
      var first = 0
      while first < rows {
        let end = min(rows, first &+ 64)
        var sum = Lanes(repeating: 0)
        for row in first..<end {
          let place = row &* stride &+ column
          let g = unsafe gradient.loadLanes(place, lanes)
          if let a = unsafe a {
            sum += unsafe g * a.loadLanes(place, lanes)
          } else {
            sum -= g
          }
        }
        total += sum
        first = end
      }
      unsafe sums.storeLanes(total, column, lanes, accumulate: accumulate)
    }
    forEachLanes(columns, addColumns)
  }

  @inline(never)
  package func rowSums(
    ofProducts gradient: UnsafePointer<Float>, with a: UnsafePointer<Float>?, rows: Int,
    columns: Int, into sums: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    for row in 0..<rows {
      var sum = Lanes(repeating: 0)
      @inline(__always)
      func add(_ column: Int, _ lanes: Int) {
        let place = row &* columns &+ column
        let g = unsafe gradient.loadLanes(place, lanes)
        if let a = unsafe a {
          sum += unsafe g * a.loadLanes(place, lanes)
        } else {
          sum -= g
        }
      }
      forEachLanes(columns, add)
      var total: Float = accumulate ? unsafe sums[row] : 0
      var ofRow: Float = 0
      for lane in 0..<Lanes.scalarCount { ofRow += sum[lane] }
      total += ofRow
      unsafe sums[row] = total
    }
  }
}

@inline(__always)
private func combined(_ operation: BinaryOperation, _ a: Lanes, _ b: Lanes) -> Lanes {
  switch operation {
  case .multiply: a * b
  case .subtract: a - b
  }
}
