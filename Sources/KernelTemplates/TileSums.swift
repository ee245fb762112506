/// The sums of a tile of two halves, in registers.
protocol TileSums {
  /// The vectors of one row.
  static var vectorCount: Int { get }

  /// Starts every row from the same numbers.
  init(initial: UnsafePointer<Float>)

  /// Starts from what stands in the result.
  init(first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int)

  /// Adds one step: a row's number times the panel's vectors, for some rows of both halves.
  mutating func add(
    first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int,
    panel: UnsafePointer<Float>, rows: SummedRows)

  /// Stores the sums.
  func store(first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, stride: Int)
}

/// Sums in one array for both halves.
///
/// With few registers (AVX2 has 16) only this form is compiled without spills: with an array for each
/// half, or a loop for each, the compiler loads the numbers of all rows before it uses them. So all rows
/// are summed always, those beyond a border too (`TileSizes.leavesRowsOut`).
struct JointSums<let rows: Int, let vectors: Int>: TileSums {
  private var sums: InlineArray<rows, InlineArray<vectors, NativeVector>>

  @inline(__always)
  static var vectorCount: Int { vectors }

  @inline(__always)
  init(initial: UnsafePointer<Float>) {
    sums = .init(repeating: unsafe loadVectors(initial, 0))
  }

  @inline(__always)
  init(first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int) {
    sums = .init(repeating: .init(repeating: .zero))
    for row in 0..<rows / 2 {
      sums[row] = unsafe loadVectors(first, row &* stride)
      sums[rows / 2 &+ row] = unsafe loadVectors(second, row &* stride)
    }
  }

  @inline(__always)
  mutating func add(
    first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int,
    panel: UnsafePointer<Float>, rows _: SummedRows
  ) {
    let weights: InlineArray<vectors, NativeVector> = unsafe loadVectors(panel, 0)
    for row in 0..<rows {
      let number =
        unsafe row < rows / 2
        ? broadcast(first, row, stride) : broadcast(second, row &- rows / 2, stride)
      for vector in 0..<vectors {
        sums[row][vector] = multiplyAdd(sums[row][vector], number, weights[vector])
      }
    }
  }

  @inline(__always)
  func store(
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows / 2 {
      unsafe storeVectors(sums[row], first, row &* stride)
      unsafe storeVectors(sums[rows / 2 &+ row], second, row &* stride)
    }
  }
}

/// Sums in an array for each half.
///
/// With many registers (AVX-512 has 32) this form holds more: 28 vectors in one array are not kept in
/// registers, two arrays of 14 are.
struct PairedSums<let rows: Int, let vectors: Int>: TileSums {
  private var first: InlineArray<rows, InlineArray<vectors, NativeVector>>
  private var second: InlineArray<rows, InlineArray<vectors, NativeVector>>

  @inline(__always)
  static var vectorCount: Int { vectors }

  @inline(__always)
  init(initial: UnsafePointer<Float>) {
    first = .init(repeating: unsafe loadVectors(initial, 0))
    second = first
  }

  @inline(__always)
  init(first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int) {
    self.first = .init(repeating: .init(repeating: .zero))
    self.second = self.first
    for row in 0..<rows {
      self.first[row] = unsafe loadVectors(first, row &* stride)
      self.second[row] = unsafe loadVectors(second, row &* stride)
    }
  }

  @inline(__always)
  mutating func add(
    first: UnsafePointer<Float>, second: UnsafePointer<Float>, stride: Int,
    panel: UnsafePointer<Float>, rows summed: SummedRows
  ) {
    let weights: InlineArray<vectors, NativeVector> = unsafe loadVectors(panel, 0)
    for row in summed.first(of: rows) {
      let number = unsafe broadcast(first, row, stride)
      for vector in 0..<vectors {
        self.first[row][vector] = multiplyAdd(self.first[row][vector], number, weights[vector])
      }
    }
    for row in summed.second(of: rows) {
      let number = unsafe broadcast(second, row, stride)
      for vector in 0..<vectors {
        self.second[row][vector] = multiplyAdd(self.second[row][vector], number, weights[vector])
      }
    }
  }

  @inline(__always)
  func store(
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      unsafe storeVectors(self.first[row], first, row &* stride)
      unsafe storeVectors(self.second[row], second, row &* stride)
    }
  }
}

@inline(__always)
private func broadcast(_ source: UnsafePointer<Float>, _ row: Int, _ stride: Int) -> NativeVector {
  unsafe NativeVector(
    repeating: UnsafeRawPointer(source).load(
      fromByteOffset: row &* (stride &* 4), as: Float.self))
}

@inline(__always)
private func loadVectors<let vectors: Int>(
  _ base: UnsafePointer<Float>, _ index: Int
) -> InlineArray<vectors, NativeVector> {
  var numbers = InlineArray<vectors, NativeVector>(repeating: .zero)
  for vector in 0..<vectors {
    numbers[vector] = unsafe loadVector(base, index &+ vector &* NativeVector.scalarCount)
  }
  return numbers
}

@inline(__always)
private func storeVectors<let vectors: Int>(
  _ numbers: InlineArray<vectors, NativeVector>, _ base: UnsafeMutablePointer<Float>, _ index: Int
) {
  for vector in 0..<vectors {
    unsafe storeVector(numbers[vector], base, index &+ vector &* NativeVector.scalarCount)
  }
}
