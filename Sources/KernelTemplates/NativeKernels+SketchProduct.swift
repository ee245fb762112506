import KernelInterface

extension NativeKernels: SketchKernels {
  @inline(never)
  package func addTransposedProduct(_ product: TransposedProduct) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + 2 * lanes <= product.columns {
      addColumns(ColumnBlock<NativeVector, 2>(), product, column: column, skip: 0)
      column += 2 * lanes
    }
    if column + lanes <= product.columns {
      addColumns(ColumnBlock<NativeVector, 1>(), product, column: column, skip: 0)
      column += lanes
    }
    let rest = product.columns - column
    if rest > 0, product.columns >= lanes {
      // The last vector reaches back over columns that are done, and skips them when it writes.
      addColumns(
        ColumnBlock<NativeVector, 1>(), product, column: column + rest - lanes, skip: lanes - rest)
    } else if rest > 0 {
      addNarrowColumns(product)
    }
  }

  /// Results that are narrower than a vector of this instruction set.
  @inline(__always)
  private func addNarrowColumns(_ product: TransposedProduct) {
    var column = 0
    while column + 4 <= product.columns {
      addColumns(ColumnBlock<SIMD4<Float>, 1>(), product, column: column, skip: 0)
      column += 4
    }
    while column + 2 <= product.columns {
      addColumns(ColumnBlock<SIMD2<Float>, 1>(), product, column: column, skip: 0)
      column += 2
    }
    if column < product.columns { addSingleColumn(product, column: column) }
  }

  @inline(__always)
  private func addColumns<Vector: SIMD, let vectors: Int>(
    _: ColumnBlock<Vector, vectors>, _ product: TransposedProduct, column: Int, skip: Int
  ) where Vector.Scalar == Float {
    var row = 0
    if NativeVector.scalarCount == 16 {
      while row + 8 <= product.rows {
        ProductTile<Vector, 8, vectors>.add(product, row: row, column: column, skip: skip)
        row += 8
      }
    }
    while row + 4 <= product.rows {
      ProductTile<Vector, 4, vectors>.add(product, row: row, column: column, skip: skip)
      row += 4
    }
    while row < product.rows {
      ProductTile<Vector, 1, vectors>.add(product, row: row, column: column, skip: skip)
      row += 1
    }
  }

  private func addSingleColumn(_ product: TransposedProduct, column: Int) {
    for row in 0..<product.rows {
      var sum: Float = 0
      for run in 0..<product.runs {
        var left = unsafe product.left + (run * product.leftRunStep + row)
        var right = unsafe product.right + (run * product.rightRunStep + column)
        for _ in 0..<product.length {
          unsafe sum += left.pointee * right.pointee
          unsafe left += product.leftStep
          unsafe right += product.rightStep
        }
      }
      unsafe product.result[row * product.resultStep + column] += sum
    }
  }

  @inline(never)
  package func addColumnProducts(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    let lanes = NativeVector.scalarCount
    var column = 0
    while column + lanes <= columns {
      var sum = unsafe load(NativeVector.self, result + column)
      for row in 0..<rows {
        let offset = row * columns + column
        sum = unsafe multiplyAdd(
          sum, load(NativeVector.self, left + offset), load(NativeVector.self, right + offset))
      }
      unsafe store(sum, result + column)
      column += lanes
    }
    while column < columns {
      for row in 0..<rows {
        unsafe result[column] += left[row * columns + column] * right[row * columns + column]
      }
      column += 1
    }
  }
}

/// Names a width of the result to the compiler: some vectors side by side.
private struct ColumnBlock<Vector: SIMD, let vectors: Int> {}

/// A part of the result that is summed up in registers.
private enum ProductTile<Vector: SIMD, let rows: Int, let vectors: Int>
where Vector.Scalar == Float {
  @inline(__always)
  static func add(_ product: TransposedProduct, row: Int, column: Int, skip: Int) {
    var sums = InlineArray<rows, InlineArray<vectors, Vector>>(
      repeating: InlineArray(repeating: Vector(repeating: 0)))
    for run in 0..<product.runs {
      var left = unsafe product.left + (run * product.leftRunStep + row)
      var right = unsafe product.right + (run * product.rightRunStep + column)
      for _ in 0..<product.length {
        var values = InlineArray<vectors, Vector>(repeating: Vector(repeating: 0))
        for index in 0..<vectors {
          values[index] = unsafe load(Vector.self, right + index * Vector.scalarCount)
        }
        for index in 0..<rows {
          let factor = unsafe Vector(repeating: left[index])
          for part in 0..<vectors {
            sums[index][part] = fused(sums[index][part], factor, values[part])
          }
        }
        unsafe left += product.leftStep
        unsafe right += product.rightStep
      }
    }
    var target = unsafe product.result + (row * product.resultStep + column)
    guard skip == 0 else {
      unsafe addLastLanes(of: sums, to: target, step: product.resultStep, skip: skip)
      return
    }
    let step = product.resultStep
    for index in 0..<rows {
      for part in 0..<vectors {
        let place = unsafe target + part * Vector.scalarCount
        unsafe store(load(Vector.self, place) + sums[index][part], place)
      }
      unsafe target += step
    }
  }

  /// Adds the lanes of a vector that reaches back over columns which are done.
  ///
  /// A call of its own, so that sums which are picked lane by lane do not keep those of whole vectors
  /// from staying in registers.
  @inline(never)
  private static func addLastLanes(
    of sums: InlineArray<rows, InlineArray<vectors, Vector>>,
    to result: UnsafeMutablePointer<Float>,
    step: Int, skip: Int
  ) {
    for index in 0..<rows {
      for part in 0..<vectors {
        let place = unsafe result + (index * step + part * Vector.scalarCount)
        for lane in skip..<Vector.scalarCount {
          unsafe place[lane] += sums[index][part][lane]
        }
      }
    }
  }
}

@inline(__always)
private func load<Vector: SIMD>(_: Vector.Type, _ source: UnsafePointer<Float>) -> Vector {
  unsafe UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
}

@inline(__always)
private func load<Vector: SIMD>(_: Vector.Type, _ source: UnsafeMutablePointer<Float>) -> Vector {
  unsafe UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
}

@inline(__always)
private func store<Vector: SIMD>(_ vector: Vector, _ destination: UnsafeMutablePointer<Float>) {
  unsafe UnsafeMutableRawPointer(destination).storeBytes(of: vector, as: Vector.self)
}

/// `multiplyAdd` for vectors of any width.
@inline(__always)
private func fused<Vector: SIMD>(_ addend: Vector, _ a: Vector, _ b: Vector) -> Vector
where Vector.Scalar == Float {
  // The baseline instruction set, with its vectors of four, has no fused multiply-add.
  NativeVector.scalarCount == 4 ? addend + a * b : addend.addingProduct(a, b)
}
