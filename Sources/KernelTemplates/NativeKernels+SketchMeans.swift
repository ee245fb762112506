import KernelInterface

/// Means that are taken out of sketches, and put back.
extension NativeKernels {
  @inline(never)
  package func restoreRows(
    _ values: UnsafeMutablePointer<Float>, signs: UnsafePointer<Float>, rows: Int, columns: Int,
    adding means: UnsafePointer<Float>?
  ) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + lanes <= columns {
      let mean = unsafe means.map { unsafe loadVector($0, column) } ?? NativeVector(repeating: 0)
      for row in 0..<rows {
        let index = row * columns + column
        let sign = unsafe NativeVector(repeating: signs[row])
        unsafe storeVector(mean + sign * loadVector(UnsafePointer(values), index), values, index)
      }
      column += lanes
    }
    while column < columns {
      let mean = unsafe means?[column] ?? 0
      for row in 0..<rows {
        let index = row * columns + column
        unsafe values[index] = mean + signs[row] * values[index]
      }
      column += 1
    }
  }

  @inline(never)
  package func subtractProduct(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int,
    factors: UnsafePointer<Float>, row means: UnsafePointer<Float>
  ) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + lanes <= columns {
      let mean = unsafe loadVector(means, column)
      var place = unsafe values + column
      for row in 0..<rows {
        let factor = unsafe NativeVector(repeating: -factors[row])
        unsafe storeVector(
          multiplyAdd(loadVector(UnsafePointer(place), 0), factor, mean), place, 0)
        unsafe place += step
      }
      column += lanes
    }
    while column < columns {
      for row in 0..<rows { unsafe values[row * step + column] -= factors[row] * means[column] }
      column += 1
    }
  }

  @inline(never)
  package func subtractWeightedRows(
    _ values: UnsafePointer<Float>, rows: Int, columns: Int, step: Int,
    factors: UnsafePointer<Float>, from result: UnsafeMutablePointer<Float>
  ) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + lanes <= columns {
      var sum = unsafe loadVector(UnsafePointer(result), column)
      var place = unsafe values + column
      for row in 0..<rows {
        let factor = unsafe NativeVector(repeating: -factors[row])
        sum = unsafe multiplyAdd(sum, factor, loadVector(place, 0))
        unsafe place += step
      }
      unsafe storeVector(sum, result, column)
      column += lanes
    }
    while column < columns {
      for row in 0..<rows { unsafe result[column] -= factors[row] * values[row * step + column] }
      column += 1
    }
  }
}
