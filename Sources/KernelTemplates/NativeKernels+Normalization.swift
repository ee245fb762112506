import KernelInterface

extension NativeKernels: NormalizationKernels {
  @inline(never)
  package func columnSums(
    _ input: UnsafePointer<Float>, count: Int, columns: Int, sums: UnsafeMutablePointer<Float>
  ) {
    forEachRowGroup(count: count, columns: columns) { start, rows, width in
      forEachLanes(width) { column, lanes in
        let sum = sumOverRows(rows) { row in
          unsafe input.loadLanes(start &+ row &* columns &+ column, lanes)
        }
        unsafe sums.storeLanes(sum, column, lanes, accumulate: true)
      }
    }
  }

  @inline(never)
  package func columnMoments(
    _ input: UnsafePointer<Float>, count: Int, columns: Int, center: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>
  ) {
    forEachRowGroup(count: count, columns: columns) { start, rows, width in
      forEachLanes(width) { column, lanes in
        let middle = unsafe center.loadLanes(column, lanes)
        let (sum, square) = sumsOverRows(rows) { row in
          let x = unsafe input.loadLanes(start &+ row &* columns &+ column, lanes) - middle
          return (x, x * x)
        }
        unsafe sums.storeLanes(sum, column, lanes, accumulate: true)
        unsafe squares.storeLanes(square, column, lanes, accumulate: true)
      }
    }
  }

  @inline(never)
  package func columnProducts(
    _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, count: Int, columns: Int,
    center: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    negativeSlope: Float, sums: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
  ) {
    let rectifier = Rectifier(negativeSlope)
    forEachRowGroup(count: count, columns: columns) { start, rows, width in
      forEachLanes(width) { column, lanes in
        let middle = unsafe center.loadLanes(column, lanes)
        let factor = unsafe scale.loadLanes(column, lanes)
        let offset = unsafe shift.loadLanes(column, lanes)
        let (sum, product) = sumsOverRows(rows) { row in
          let index = start &+ row &* columns &+ column
          let x = unsafe input.loadLanes(index, lanes) - middle
          let g = unsafe rectifier.gradient(
            gradient.loadLanes(index, lanes),
            where: normalized(x, factor, offset) .> Lanes(repeating: 0))
          return (g, g * x)
        }
        unsafe sums.storeLanes(sum, column, lanes, accumulate: true)
        unsafe products.storeLanes(product, column, lanes, accumulate: true)
      }
    }
  }

  @inline(never)
  package func normalize(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    columns: Int, center: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, negativeSlope: Float, mask: UnsafeMutablePointer<UInt8>?
  ) {
    let rectifier = Rectifier(negativeSlope)
    var start = 0
    while start < count {
      forEachLanes(min(columns, count &- start)) { column, lanes in
        let x = unsafe input.loadLanes(start &+ column, lanes) - center.loadLanes(column, lanes)
        let y = unsafe normalized(
          x, scale.loadLanes(column, lanes), shift.loadLanes(column, lanes))
        unsafe rectifier.store(y, into: output, mask: mask, start &+ column, lanes)
      }
      start &+= columns
    }
  }

  @inline(never)
  package func normalizationGradient(
    _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, columns: Int,
    center: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    negativeSlope: Float, gradientCenter: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    accumulate: Bool
  ) {
    let rectifier = Rectifier(negativeSlope)
    var start = 0
    while start < count {
      forEachLanes(min(columns, count &- start)) { column, lanes in
        let index = start &+ column
        let x = unsafe input.loadLanes(index, lanes) - center.loadLanes(column, lanes)
        let factor = unsafe scale.loadLanes(column, lanes)
        let y = unsafe normalized(x, factor, shift.loadLanes(column, lanes))
        let g = unsafe rectifier.gradient(
          gradient.loadLanes(index, lanes), where: y .> Lanes(repeating: 0))
        let difference =
          unsafe (g - gradientCenter.loadLanes(column, lanes)) - slope.loadLanes(column, lanes) * x
        unsafe output.storeLanes(
          factor * difference, index, lanes, accumulate: accumulate)
      }
      start &+= columns
    }
  }
}

/// The normalised value.
///
/// Forward and backward passes use this one formula, so that a backward pass finds a rectifier
/// behind it on the same side, to the bit.
@inline(__always)
private func normalized(_ x: Lanes, _ scale: Lanes, _ shift: Lanes) -> Lanes {
  x * scale + shift
}

/// Calls `body` for groups of four whole rows, then for single rows, the last perhaps shorter.
///
/// Reading four rows at once needs a quarter of the loads and stores of the sums, which are in
/// memory, and shortens the chain of additions.
@inline(__always)
private func forEachRowGroup(
  count: Int, columns: Int, _ body: (_ start: Int, _ rows: Int, _ width: Int) -> Void
) {
  var start = 0
  while start < count {
    let rows = start &+ 4 &* columns <= count ? 4 : 1
    body(start, rows, min(columns, count &- start))
    start &+= rows &* columns
  }
}

/// The sum of what `values` gives for one or four rows.
@inline(__always)
private func sumOverRows(_ rows: Int, _ values: (_ row: Int) -> Lanes) -> Lanes {
  sumsOverRows(rows) { row in (values(row), Lanes(repeating: 0)) }.0
}

/// The two sums of what `values` gives for one or four rows.
@inline(__always)
private func sumsOverRows(
  _ rows: Int, _ values: (_ row: Int) -> (Lanes, Lanes)
) -> (Lanes, Lanes) {
  var sums = (Lanes(repeating: 0), Lanes(repeating: 0))
  for row in 0..<rows {
    let (first, second) = values(row)
    sums.0 += first
    sums.1 += second
  }
  return sums
}
