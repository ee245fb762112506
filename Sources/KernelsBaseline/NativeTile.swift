/// The register tiles of this instruction set.
enum NativeTile {
  /// The most rows of one half of a tile of one or two vectors: 12 of 16 registers
  /// hold sums.
  @inline(__always)
  static func largestHalf(vectors: Int) -> Int { vectors == 2 ? 3 : 6 }

  /// The most neighbouring positions of a depthwise tile, which sums two vectors of channels for each.
  static let largestRun = 5

  /// Computes a tile of two halves of `rows` rows and `vectors` vectors, 1 or 2, each.
  @inline(__always)
  static func compute(
    rows: Int, vectors: Int, _ operands: TileOperands, _ reduction: TileReduction,
    layout: TileLayout
  ) {
    switch (rows, vectors) {
    case (3, 2): unsafe tile3x2(operands, reduction, layout)
    case (2, 2): unsafe tile2x2(operands, reduction, layout)
    case (1, 2): unsafe tile1x2(operands, reduction, layout)
    case (6, 1): unsafe tile6x1(operands, reduction, layout)
    case (5, 1): unsafe tile5x1(operands, reduction, layout)
    case (4, 1): unsafe tile4x1(operands, reduction, layout)
    case (3, 1): unsafe tile3x1(operands, reduction, layout)
    case (2, 1): unsafe tile2x1(operands, reduction, layout)
    case (1, 1): unsafe tile1x1(operands, reduction, layout)
    default: preconditionFailure("no tile has \(rows) rows and \(vectors) vectors")
    }
  }
}

@inline(never)
private func tile3x2(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: JointSums<6, 2>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: JointSums<6, 2>.self)
  }
}

@inline(never)
private func tile2x2(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: JointSums<4, 2>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: JointSums<4, 2>.self)
  }
}

@inline(never)
private func tile1x2(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: JointSums<2, 2>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: JointSums<2, 2>.self)
  }
}

@inline(never)
private func tile6x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<6, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<6, 1>.self)
  }
}

@inline(never)
private func tile5x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<5, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<5, 1>.self)
  }
}

@inline(never)
private func tile4x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<4, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<4, 1>.self)
  }
}

@inline(never)
private func tile3x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<3, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<3, 1>.self)
  }
}

@inline(never)
private func tile2x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<2, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<2, 1>.self)
  }
}

@inline(never)
private func tile1x1(
  _ operands: TileOperands, _ reduction: TileReduction, _ layout: TileLayout
) {
  switch layout {
  case .neighboringRows:
    unsafe computeTile(
      operands, reduction, layout: .neighboringRows, sums: PairedSums<1, 1>.self)
  case .neighboringSteps:
    unsafe computeTile(
      operands, reduction, layout: .neighboringSteps, sums: PairedSums<1, 1>.self)
  }
}
