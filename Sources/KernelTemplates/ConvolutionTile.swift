/// The operands of one register tile: two halves of up to seven rows each, times one or two vectors.
///
/// Row m of half h of the tile is Σ a[h][m]·b over the reduction. Two halves, since more than 24
/// vectors in one array are not kept in registers; and since the halves may lie anywhere, they also
/// serve two short rows of a map, or overlap by one row where the number of rows is odd.
@unsafe struct TileOperands {
  /// The numbers that are broadcast: the first row of each half.
  var firstSource: UnsafePointer<Float>
  var secondSource: UnsafePointer<Float>
  /// The distance between rows of a half, in floats; unused where rows are neighbours.
  var rowStride: Int
  /// The vectors, one group of them for each step of the reduction, side by side.
  var panel: UnsafePointer<Float>
  /// The first row of each half of the result.
  var firstResult: UnsafeMutablePointer<Float>
  var secondResult: UnsafeMutablePointer<Float>
  /// The distance between rows of the result, in floats.
  var resultStride: Int
  /// What every row starts from; none to start from what stands in the result.
  var initial: UnsafePointer<Float>?
}

/// The steps of a reduction: three nested loops around a run.
struct TileReduction {
  /// How often each loop runs, and how far it moves in the source and in the panel, in floats.
  var outer = Loop()
  var middle = Loop()
  var inner = Loop()
  /// The steps of one run; the panel moves by one group of vectors a step.
  var length = 0
  /// The distance in the source from one step of a run to the next, in floats; unused where steps
  /// are neighbours.
  var stepStride = 1

  struct Loop {
    var count = 1
    var sourceStride = 0
    var panelStride = 0
  }
}

/// The registers of one half of a tile.
typealias TileHalf<let rows: Int, let vectors: Int> =
  InlineArray<rows, InlineArray<vectors, NativeVector>>

/// Which of the two strides of the broadcast numbers is one float, known when compiling.
enum TileLayout {
  /// Rows are neighbours, steps lie apart: channels are rows, and positions are summed.
  case neighboringRows
  /// Steps are neighbours, rows lie apart: positions are rows, and channels are summed.
  case neighboringSteps
}

/// Computes one tile; `half` only names the shape.
///
/// Fully unrolled over rows and vectors; every step loads the panel's vectors once and broadcasts
/// one number a row.
@inline(__always)
func computeTile<let rows: Int, let vectors: Int>(
  _ operands: TileOperands, _ reduction: TileReduction, layout: TileLayout,
  half: TileHalf<rows, vectors>.Type
) {
  var first = TileHalf<rows, vectors>(repeating: InlineArray(repeating: .zero))
  var second = first
  if let initial = unsafe operands.initial {
    for vector in 0..<vectors {
      let start = unsafe loadVector(initial, vector &* NativeVector.scalarCount)
      for row in 0..<rows {
        first[row][vector] = start
        second[row][vector] = start
      }
    }
  } else {
    unsafe loadHalf(operands.firstResult, operands.resultStride, &first)
    unsafe loadHalf(operands.secondResult, operands.resultStride, &second)
  }

  let group = vectors &* NativeVector.scalarCount
  let rowStride = unsafe layout == .neighboringRows ? 1 : operands.rowStride
  let stepStride = layout == .neighboringSteps ? 1 : reduction.stepStride
  let distance = unsafe operands.secondSource - operands.firstSource
  for outer in 0..<reduction.outer.count {
    for middle in 0..<reduction.middle.count {
      for inner in 0..<reduction.inner.count {
        var source =
          unsafe operands.firstSource + outer &* reduction.outer.sourceStride
          + middle &* reduction.middle.sourceStride + inner &* reduction.inner.sourceStride
        var panel =
          unsafe operands.panel + outer &* reduction.outer.panelStride
          + middle &* reduction.middle.panelStride + inner &* reduction.inner.panelStride
        var other = unsafe source + distance
        for _ in 0..<reduction.length {
          var weights = InlineArray<vectors, NativeVector>(repeating: .zero)
          for vector in 0..<vectors {
            weights[vector] = unsafe loadVector(panel, vector &* NativeVector.scalarCount)
          }
          unsafe multiplyHalf(source, rowStride, weights, &first)
          unsafe multiplyHalf(other, rowStride, weights, &second)
          unsafe source += stepStride
          unsafe other += stepStride
          unsafe panel += group
        }
      }
    }
  }
  unsafe storeHalf(first, operands.firstResult, operands.resultStride)
  unsafe storeHalf(second, operands.secondResult, operands.resultStride)
}

@inline(__always)
private func multiplyHalf<let rows: Int, let vectors: Int>(
  _ source: UnsafePointer<Float>, _ stride: Int, _ weights: InlineArray<vectors, NativeVector>,
  _ half: inout TileHalf<rows, vectors>
) {
  for row in 0..<rows {
    let number = unsafe NativeVector(
      repeating: UnsafeRawPointer(source).load(
        fromByteOffset: row &* (stride &* 4), as: Float.self))
    for vector in 0..<vectors {
      half[row][vector] = multiplyAdd(half[row][vector], number, weights[vector])
    }
  }
}

@inline(__always)
private func loadHalf<let rows: Int, let vectors: Int>(
  _ result: UnsafeMutablePointer<Float>, _ stride: Int, _ half: inout TileHalf<rows, vectors>
) {
  for row in 0..<rows {
    for vector in 0..<vectors {
      half[row][vector] = unsafe loadVector(
        UnsafePointer(result), row &* stride &+ vector &* NativeVector.scalarCount)
    }
  }
}

@inline(__always)
private func storeHalf<let rows: Int, let vectors: Int>(
  _ half: TileHalf<rows, vectors>, _ result: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for row in 0..<rows {
    for vector in 0..<vectors {
      unsafe storeVector(
        half[row][vector], result, row &* stride &+ vector &* NativeVector.scalarCount)
    }
  }
}

/// Loads a vector that begins `index` floats behind `base`, aligned or not.
@inline(__always)
func loadVector(_ base: UnsafePointer<Float>, _ index: Int) -> NativeVector {
  unsafe UnsafeRawPointer(base).loadUnaligned(
    fromByteOffset: index &* 4, as: NativeVector.self)
}

/// Stores a vector `index` floats behind `base`, aligned or not.
@inline(__always)
func storeVector(_ vector: NativeVector, _ base: UnsafeMutablePointer<Float>, _ index: Int) {
  unsafe UnsafeMutableRawPointer(base).storeBytes(
    of: vector, toByteOffset: index &* 4, as: NativeVector.self)
}
