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
  /// The rows that lie outside the map in some of the inner loop's rounds.
  var border = TileBorder()

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
  /// The same where the first or the last rows lie beyond the border of the map in some rounds.
  case neighboringStepsAtBorder
  /// The same as `neighboringSteps` where the rows are read in place, and fetched from afar while the tile before is summed.
  case neighboringStepsFromAfar
}

/// The first and the last rows of a tile where they read beyond the border of the map: what is read
/// there is zero, and leaving it out saves a row of multiplications.
struct TileBorder {
  /// Whether each half is a whole row of the map, rather than both together a part of one.
  var isOfBothHalves = false
  /// The inner rounds, counted from the first, in which the first row lies outside.
  var leadingRounds = 0
  /// The inner round from which on the last row lies outside.
  var trailingRound = Int.max

  /// Whether any row lies outside in any round.
  var exists: Bool { leadingRounds > 0 || trailingRound < .max }

  /// The rows that are summed in an inner round.
  @inline(__always)
  func rows(round: Int) -> SummedRows {
    if round < leadingRounds { return isOfBothHalves ? .withoutFirstOfBoth : .withoutFirst }
    if round >= trailingRound { return isOfBothHalves ? .withoutLastOfBoth : .withoutLast }
    return .all
  }
}

/// Which rows of a tile are summed, known when compiling.
enum SummedRows {
  case all
  /// All but the first of the first half, or of each half.
  case withoutFirst, withoutFirstOfBoth
  /// All but the last of the second half, or of each half.
  case withoutLast, withoutLastOfBoth

  /// The rows of the first half, of so many.
  @inline(__always)
  func first(of count: Int) -> Range<Int> {
    let lower = self == .withoutFirst || self == .withoutFirstOfBoth ? 1 : 0
    return lower..<(self == .withoutLastOfBoth ? count &- 1 : count)
  }

  /// The rows of the second half, of so many.
  @inline(__always)
  func second(of count: Int) -> Range<Int> {
    let upper = self == .withoutLast || self == .withoutLastOfBoth ? count &- 1 : count
    return (self == .withoutFirstOfBoth ? 1 : 0)..<upper
  }
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
  var run = unsafe TileRun(operands, reduction, layout: layout)
  for outer in 0..<reduction.outer.count {
    for middle in 0..<reduction.middle.count {
      for inner in 0..<reduction.inner.count {
        unsafe run.source =
          operands.firstSource + outer &* reduction.outer.sourceStride
          + middle &* reduction.middle.sourceStride + inner &* reduction.inner.sourceStride
        unsafe run.panel =
          operands.panel + outer &* reduction.outer.panelStride
          + middle &* reduction.middle.panelStride + inner &* reduction.inner.panelStride
        guard layout == .neighboringStepsAtBorder else {
          unsafe run.add(to: &sums, rows: .all, layout: layout)
          continue
        }
        switch reduction.border.rows(round: inner) {
        case .all: unsafe run.add(to: &sums, rows: .all, layout: layout)
        case .withoutFirst: unsafe run.add(to: &sums, rows: .withoutFirst, layout: layout)
        case .withoutFirstOfBoth:
          unsafe run.add(to: &sums, rows: .withoutFirstOfBoth, layout: layout)
        case .withoutLast: unsafe run.add(to: &sums, rows: .withoutLast, layout: layout)
        case .withoutLastOfBoth:
          unsafe run.add(to: &sums, rows: .withoutLastOfBoth, layout: layout)
        }
      }
    }
  }
  unsafe sums.store(
    first: operands.firstResult, second: operands.secondResult, stride: operands.resultStride)
}

/// One run of steps of a tile.
@unsafe private struct TileRun {
  /// The first row's number of the first step, and its vectors.
  var source: UnsafePointer<Float>
  var panel: UnsafePointer<Float>
  /// What the next tile reads.
  var ahead: UnsafePointer<Float>
  /// From the first row of one half to that of the other.
  let distance: Int
  let rowStride: Int
  let stepStride: Int
  let length: Int

  @inline(__always)
  init(_ operands: TileOperands, _ reduction: TileReduction, layout: TileLayout) {
    let hasNeighboringRows = layout == .neighboringRows || layout == .neighboringRowsFromAfar
    unsafe source = operands.firstSource
    unsafe panel = operands.panel
    unsafe ahead = operands.ahead
    unsafe distance = operands.secondSource - operands.firstSource
    unsafe rowStride = hasNeighboringRows ? 1 : operands.rowStride
    unsafe stepStride = hasNeighboringRows ? reduction.stepStride : 1
    unsafe length = reduction.length
  }

  /// Adds the run's steps to some rows of the sums.
  @inline(__always)
  mutating func add<Sums: TileSums>(to sums: inout Sums, rows: SummedRows, layout: TileLayout) {
    var source = unsafe source
    var other = unsafe source + distance
    var panel = unsafe panel
    var ahead = unsafe ahead
    for _ in unsafe 0..<length {
      unsafe sums.add(first: source, second: other, stride: rowStride, panel: panel, rows: rows)
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
      unsafe panel += Sums.vectorCount &* NativeVector.scalarCount
    }
    unsafe self.ahead = ahead
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
