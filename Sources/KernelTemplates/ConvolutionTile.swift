import CProcessorFeatures

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
  /// What the next tile reads: a cache line a step is asked for, from here on, if the layout says so.
  var ahead: UnsafePointer<Float>
  /// What every row starts from; none to start from what stands in the result.
  var initial: UnsafePointer<Float>?

  /// The floats of a cache line.
  static let floatsPerLine = 16
  /// The steps before which rows are asked for: some 450 cycles, as long as memory takes.
  static let stepsAhead = 32
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

/// Which of the two strides of the broadcast numbers is one float, known when compiling.
enum TileLayout {
  /// Rows are neighbours, steps lie apart: channels are rows, and positions are summed.
  case neighboringRows
  /// The same where the rows are read in place, and fetched from afar some steps before.
  case neighboringRowsFromAfar
  /// Steps are neighbours, rows lie apart: positions are rows, and channels are summed.
  case neighboringSteps
  /// The same where the rows are read in place, and fetched from afar while the tile before is summed.
  case neighboringStepsFromAfar
}

/// Computes one tile with the sums that `Sums` keeps in registers.
///
/// Fully unrolled over rows and vectors; every step loads the panel's vectors once and broadcasts
/// one number a row.
@inline(__always)
func computeTile<Sums: TileSums>(
  _ operands: TileOperands, _ reduction: TileReduction, layout: TileLayout, sums _: Sums.Type
) {
  var sums: Sums
  if let initial = unsafe operands.initial {
    sums = unsafe Sums(initial: initial)
  } else {
    sums = unsafe Sums(
      first: operands.firstResult, second: operands.secondResult, stride: operands.resultStride)
  }
  let group = Sums.vectorCount &* NativeVector.scalarCount
  let hasNeighboringRows = layout == .neighboringRows || layout == .neighboringRowsFromAfar
  let rowStride = unsafe hasNeighboringRows ? 1 : operands.rowStride
  let stepStride = hasNeighboringRows ? reduction.stepStride : 1
  var ahead = unsafe operands.ahead
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
          unsafe sums.add(first: source, second: other, stride: rowStride, panel: panel)
          if layout == .neighboringRowsFromAfar {
            unsafe tidemark_prefetch(source + TileOperands.stepsAhead &* stepStride)
            unsafe tidemark_prefetch(other + TileOperands.stepsAhead &* stepStride)
          }
          if layout == .neighboringStepsFromAfar {
            unsafe tidemark_prefetch(ahead)
            unsafe ahead += TileOperands.floatsPerLine
          }
          unsafe source += stepStride
          unsafe other += stepStride
          unsafe panel += group
        }
      }
    }
  }
  unsafe sums.store(
    first: operands.firstResult, second: operands.secondResult, stride: operands.resultStride)
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
