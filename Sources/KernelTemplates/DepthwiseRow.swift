/// Depthwise tiles of windows that lie side by side: neighbouring positions and neighbouring taps read
/// neighbouring pixels.
///
/// Each pixel is loaded once for all windows that it belongs to. The first and the last tile of a row
/// leave out the pixels beyond the border, whose number is known when compiling.
enum DepthwiseRow {
  /// The numbers of taps of a kernel row that there are tiles for.
  static let taps = [3, 5]
  static let fewestPositions = 3
  static let mostPositions = 7

  /// Computes `positions` neighbouring positions for `vectors` vectors of channels.
  ///
  /// - Parameters:
  ///   - operands: The tile; its source begins with the first window, even where that is outside.
  ///   - taps: The loops over the taps; all of a kernel row.
  ///   - positions: From `fewestPositions` to `mostPositions`.
  ///   - vectors: The number of vectors of channels.
  ///   - isFirst: Whether half of the first window's taps lie before the map.
  ///   - isLast: Whether half of the last window's taps lie behind the map.
  @inline(__always)
  static func compute(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, positions: Int, vectors: Int,
    isFirst: Bool, isLast: Bool
  ) {
    let together = TileSizes.depthwiseVectors
    let shape = Shape(tiles: vectors / together, isFirst: isFirst, isLast: isLast)
    unsafe choose(operands, taps, positions, shape, DepthwisePixel.self)
    if together > 1, vectors % together > 0 {
      var last = unsafe operands
      unsafe last.advance(by: shape.tiles &* together &* NativeVector.scalarCount)
      let shape = Shape(tiles: vectors % together, isFirst: isFirst, isLast: isLast)
      unsafe choose(last, taps, positions, shape, InlineArray<1, NativeVector>.self)
    }
  }

  /// How many tiles lie side by side along the channels, and which borders they have.
  struct Shape {
    var tiles: Int
    var isFirst: Bool
    var isLast: Bool
  }

  @inline(__always)
  private static func choose<let vectors: Int>(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ positions: Int, _ shape: Shape,
    _: InlineArray<vectors, NativeVector>.Type
  ) {
    switch positions {
    case 7: unsafe choose(operands, taps, shape, DepthwiseSums<7, vectors>.self)
    case 6: unsafe choose(operands, taps, shape, DepthwiseSums<6, vectors>.self)
    case 5: unsafe choose(operands, taps, shape, DepthwiseSums<5, vectors>.self)
    case 4: unsafe choose(operands, taps, shape, DepthwiseSums<4, vectors>.self)
    default: unsafe choose(operands, taps, shape, DepthwiseSums<3, vectors>.self)
    }
  }

  @inline(__always)
  private static func choose<let positions: Int, let vectors: Int>(
    _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ shape: Shape,
    _: DepthwiseSums<positions, vectors>.Type
  ) {
    typealias Three<let before: Int, let behind: Int> =
      DepthwiseTile<positions, 3, vectors, before, behind>
    typealias Five<let before: Int, let behind: Int> =
      DepthwiseTile<positions, 5, vectors, before, behind>
    switch (taps.width.count, shape.isFirst, shape.isLast) {
    case (3, false, false): unsafe run(operands, taps, shape.tiles, Three<0, 0>.self)
    case (3, true, false): unsafe run(operands, taps, shape.tiles, Three<1, 0>.self)
    case (3, false, true): unsafe run(operands, taps, shape.tiles, Three<0, 1>.self)
    case (3, true, true): unsafe run(operands, taps, shape.tiles, Three<1, 1>.self)
    case (_, false, false): unsafe run(operands, taps, shape.tiles, Five<0, 0>.self)
    case (_, true, false): unsafe run(operands, taps, shape.tiles, Five<2, 0>.self)
    case (_, false, true): unsafe run(operands, taps, shape.tiles, Five<0, 2>.self)
    case (_, true, true): unsafe run(operands, taps, shape.tiles, Five<2, 2>.self)
    }
  }

  /// Computes tiles side by side: a function of its own for each kind.
  @inline(never)
  private static func run<
    let positions: Int, let taps: Int, let vectors: Int, let before: Int, let behind: Int
  >(
    _ operands: DepthwiseOperands, _ loops: DepthwiseTaps, _ tiles: Int,
    _ tile: DepthwiseTile<positions, taps, vectors, before, behind>.Type
  ) {
    var operands = unsafe operands
    for _ in 0..<tiles {
      unsafe tile.compute(operands, loops)
      unsafe operands.advance(by: vectors &* NativeVector.scalarCount)
    }
  }
}

/// A tile of `positions` windows of `taps` taps a kernel row, and `vectors` vectors of channels, without
/// the first `before` and the last `behind` pixels.
private struct DepthwiseTile<
  let positions: Int, let taps: Int, let vectors: Int, let before: Int, let behind: Int
> {
  typealias Pixel = InlineArray<vectors, NativeVector>

  private var sums: DepthwiseSums<positions, vectors>
  private var weights = InlineArray<taps, Pixel>(repeating: Pixel(repeating: .zero))

  @inline(__always)
  static func compute(_ operands: DepthwiseOperands, _ loops: DepthwiseTaps) {
    var tile = unsafe Self(sums: operands.initialSums())
    for depth in 0..<loops.depth.count {
      for height in 0..<loops.height.count {
        let source =
          unsafe operands.source + depth &* loops.depth.sourceStride
          + height &* loops.height.sourceStride
        let weights =
          unsafe operands.weights + depth &* loops.depth.panelStride
          + height &* loops.height.panelStride
        for tap in 0..<taps {
          tile.weights[tap] = unsafe pixel(weights + tap &* loops.width.panelStride)
        }
        // Written out, since the compiler does not unroll as large a loop.
        let stride = unsafe operands.sourceStride
        unsafe tile.add(0, source, stride)
        unsafe tile.add(1, source, stride)
        unsafe tile.add(2, source, stride)
        unsafe tile.add(3, source, stride)
        unsafe tile.add(4, source, stride)
        unsafe tile.add(5, source, stride)
        unsafe tile.add(6, source, stride)
        unsafe tile.add(7, source, stride)
        unsafe tile.add(8, source, stride)
        unsafe tile.add(9, source, stride)
        unsafe tile.add(10, source, stride)
      }
    }
    unsafe operands.store(tile.sums)
  }

  @inline(__always)
  private init(sums: DepthwiseSums<positions, vectors>) {
    self.sums = sums
  }

  /// Adds one pixel of a row to the sums of its windows, if the tile has it.
  @inline(__always)
  private mutating func add(_ index: Int, _ row: UnsafePointer<Float>, _ stride: Int) {
    guard index >= before, index < positions &+ taps &- 1 &- behind else { return }
    let numbers = unsafe Self.pixel(row + index &* stride)
    for tap in 0..<taps where index >= tap && index &- tap < positions {
      for vector in 0..<vectors {
        sums[index &- tap][vector] = multiplyAdd(
          sums[index &- tap][vector], numbers[vector], weights[tap][vector])
      }
    }
  }

  @inline(__always)
  private static func pixel(_ start: UnsafePointer<Float>) -> Pixel {
    var numbers = Pixel(repeating: .zero)
    for vector in 0..<vectors {
      numbers[vector] = unsafe loadVector(start, vector &* NativeVector.scalarCount)
    }
    return numbers
  }
}
