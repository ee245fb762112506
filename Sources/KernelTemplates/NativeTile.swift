/// The register tiles: for every shape that `TileSizes` allows, a function of its own.
enum NativeTile {
  /// The most rows of one half of a tile of one or two vectors.
  @inline(__always)
  static func largestHalf(vectors: Int) -> Int {
    vectors == 2 ? TileSizes.rowsOfTwoVectors : TileSizes.rowsOfOneVector
  }

  /// Computes a tile of two halves of `rows` rows and `vectors` vectors, 1 or 2, each.
  @inline(__always)
  static func compute(
    rows: Int, vectors: Int, _ operands: TileOperands, _ reduction: TileReduction,
    layout: TileLayout
  ) {
    if vectors == 2 {
      switch rows {
      case 7 where TileSizes.rowsOfTwoVectors >= 7:
        unsafe tile(operands, reduction, layout, NativeSums<7, 14, 2>.self)
      case 6 where TileSizes.rowsOfTwoVectors >= 6:
        unsafe tile(operands, reduction, layout, NativeSums<6, 12, 2>.self)
      case 5 where TileSizes.rowsOfTwoVectors >= 5:
        unsafe tile(operands, reduction, layout, NativeSums<5, 10, 2>.self)
      case 4 where TileSizes.rowsOfTwoVectors >= 4:
        unsafe tile(operands, reduction, layout, NativeSums<4, 8, 2>.self)
      case 3: unsafe tile(operands, reduction, layout, NativeSums<3, 6, 2>.self)
      case 2: unsafe tile(operands, reduction, layout, NativeSums<2, 4, 2>.self)
      default: unsafe tile(operands, reduction, layout, NativeSums<1, 2, 2>.self)
      }
    } else {
      switch rows {
      case 8 where TileSizes.rowsOfOneVector >= 8:
        unsafe tile(operands, reduction, layout, NativeSums<8, 16, 1>.self)
      case 7 where TileSizes.rowsOfOneVector >= 7:
        unsafe tile(operands, reduction, layout, NativeSums<7, 14, 1>.self)
      case 6 where TileSizes.rowsOfOneVector >= 6:
        unsafe tile(operands, reduction, layout, NativeSums<6, 12, 1>.self)
      case 5: unsafe tile(operands, reduction, layout, NativeSums<5, 10, 1>.self)
      case 4: unsafe tile(operands, reduction, layout, NativeSums<4, 8, 1>.self)
      case 3: unsafe tile(operands, reduction, layout, NativeSums<3, 6, 1>.self)
      case 2: unsafe tile(operands, reduction, layout, NativeSums<2, 4, 1>.self)
      default: unsafe tile(operands, reduction, layout, NativeSums<1, 2, 1>.self)
      }
    }
  }

  @inline(never)
  private static func tile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout, _ sums: Sums.Type
  ) {
    switch layout {
    case .neighboringRows: unsafe rowsTile(operands, reduction, sums)
    case .neighboringRowsFromAfar: unsafe rowsFromAfarTile(operands, reduction, sums)
    case .neighboringStepsAtBorder where TileSizes.leavesRowsOut:
      unsafe borderTile(operands, reduction, sums)
    case .neighboringSteps, .neighboringStepsAtBorder:
      unsafe stepsTile(operands, reduction, sums)
    case .neighboringStepsFromAfar: unsafe stepsFromAfarTile(operands, reduction, sums)
    }
  }

  // A function a layout: in one for all of them the compiler stops inlining, and a tile that is not
  // inlined does not know its layout.

  @inline(never)
  private static func rowsTile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ sums: Sums.Type
  ) {
    unsafe computeTile(operands, reduction, layout: .neighboringRows, sums: sums)
  }

  @inline(never)
  private static func rowsFromAfarTile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ sums: Sums.Type
  ) {
    unsafe computeTile(operands, reduction, layout: .neighboringRowsFromAfar, sums: sums)
  }

  @inline(never)
  private static func stepsTile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ sums: Sums.Type
  ) {
    unsafe computeTile(operands, reduction, layout: .neighboringSteps, sums: sums)
  }

  @inline(never)
  private static func borderTile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ sums: Sums.Type
  ) {
    unsafe computeTile(operands, reduction, layout: .neighboringStepsAtBorder, sums: sums)
  }

  @inline(never)
  private static func stepsFromAfarTile<Sums: TileSums>(
    _ operands: TileOperands, _ reduction: TileReduction, _ sums: Sums.Type
  ) {
    unsafe computeTile(operands, reduction, layout: .neighboringStepsFromAfar, sums: sums)
  }
}
