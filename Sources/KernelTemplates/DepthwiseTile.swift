/// The operands of one depthwise tile: neighbouring positions of a row, some vectors of channels.
@unsafe struct DepthwiseOperands {
  /// The first tap that lies inside, of the first position.
  var source: UnsafePointer<Float>
  /// The distance between what neighbouring positions read, in floats.
  var sourceStride: Int
  var weights: UnsafePointer<Float>
  var result: UnsafeMutablePointer<Float>
  var resultStride: Int
  /// The first channel's bias, or none.
  var bias: UnsafePointer<Float>?
  var accumulate: Bool
}

/// The taps of a depthwise window: how many, and how far apart in the source and in the weights.
struct DepthwiseTaps {
  var depth = TileReduction.Loop()
  var height = TileReduction.Loop()
  var width = TileReduction.Loop()
}

/// The sums of neighbouring positions, for some vectors of channels.
typealias DepthwiseSums<let positions: Int, let vectors: Int> =
  InlineArray<positions, InlineArray<vectors, NativeVector>>

/// Computes one depthwise tile; `run` taps of a kernel row are unrolled.
///
/// Each weight is loaded once for all positions.
@inline(__always)
func computeDepthwiseTile<let positions: Int, let vectors: Int>(
  _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, run: Int,
  sums _: DepthwiseSums<positions, vectors>.Type
) {
  let lanes = NativeVector.scalarCount
  var sums: DepthwiseSums<positions, vectors> = unsafe operands.initialSums()
  for depth in 0..<taps.depth.count {
    for height in 0..<taps.height.count {
      var source =
        unsafe operands.source + depth &* taps.depth.sourceStride
        + height &* taps.height.sourceStride
      var weights =
        unsafe operands.weights + depth &* taps.depth.panelStride
        + height &* taps.height.panelStride
      var left = taps.width.count
      while left > 0 {
        for tap in 0..<run {
          for vector in 0..<vectors {
            let factor = unsafe loadVector(
              weights, tap &* taps.width.panelStride &+ vector &* lanes)
            for position in 0..<positions {
              let number = unsafe loadVector(
                source,
                tap &* taps.width.sourceStride &+ position &* operands.sourceStride
                  &+ vector &* lanes)
              sums[position][vector] = multiplyAdd(sums[position][vector], number, factor)
            }
          }
        }
        unsafe source += run &* taps.width.sourceStride
        unsafe weights += run &* taps.width.panelStride
        left &-= run
      }
    }
  }
  unsafe operands.store(sums)
}

/// Computes depthwise tiles side by side, as many taps unrolled as the kernel row has if that is
/// common.
@inline(__always)
private func computeDepthwiseRun<let positions: Int, let vectors: Int>(
  _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, tiles: Int,
  sums: DepthwiseSums<positions, vectors>.Type
) {
  switch taps.width.count {
  case 5: unsafe computeDepthwiseTiles(operands, taps, tiles: tiles, run: 5, sums: sums)
  case 3: unsafe computeDepthwiseTiles(operands, taps, tiles: tiles, run: 3, sums: sums)
  default: unsafe computeDepthwiseTiles(operands, taps, tiles: tiles, run: 1, sums: sums)
  }
}

@inline(__always)
private func computeDepthwiseTiles<let positions: Int, let vectors: Int>(
  _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, tiles: Int, run: Int,
  sums: DepthwiseSums<positions, vectors>.Type
) {
  var operands = unsafe operands
  for _ in 0..<tiles {
    unsafe computeDepthwiseTile(operands, taps, run: run, sums: sums)
    unsafe operands.advance(by: vectors &* NativeVector.scalarCount)
  }
}

extension DepthwiseOperands {
  /// What the sums start from: the result so far, the bias, or zero.
  @inline(__always)
  func initialSums<let positions: Int, let vectors: Int>() -> DepthwiseSums<positions, vectors> {
    let lanes = NativeVector.scalarCount
    var sums = DepthwiseSums<positions, vectors>(repeating: InlineArray(repeating: .zero))
    if unsafe accumulate {
      for position in 0..<positions {
        for vector in 0..<vectors {
          sums[position][vector] = unsafe loadVector(
            UnsafePointer(result), position &* resultStride &+ vector &* lanes)
        }
      }
    } else if let bias = unsafe bias {
      for vector in 0..<vectors {
        let start = unsafe loadVector(bias, vector &* lanes)
        for position in 0..<positions { sums[position][vector] = start }
      }
    }
    return sums
  }

  /// Stores the sums.
  @inline(__always)
  func store<let positions: Int, let vectors: Int>(_ sums: DepthwiseSums<positions, vectors>) {
    for position in 0..<positions {
      for vector in 0..<vectors {
        unsafe storeVector(
          sums[position][vector], result,
          position &* resultStride &+ vector &* NativeVector.scalarCount)
      }
    }
  }

  /// Moves on to later channels.
  @inline(__always)
  mutating func advance(by channels: Int) {
    unsafe source += channels
    unsafe weights += channels
    unsafe result += channels
    if let bias = unsafe bias { unsafe self.bias = bias + channels }
  }
}

/// Computes `positions` neighbouring positions, at most `TileSizes.depthwisePositions`, for `vectors`
/// vectors of channels.
@inline(__always)
func computeDepthwise(
  _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, positions: Int, vectors: Int
) {
  switch positions {
  case 7 where TileSizes.depthwisePositions >= 7: unsafe depthwise7(operands, taps, vectors / 2)
  case 6 where TileSizes.depthwisePositions >= 6: unsafe depthwise6(operands, taps, vectors / 2)
  case 5: unsafe depthwise5(operands, taps, vectors / 2)
  case 4: unsafe depthwise4(operands, taps, vectors / 2)
  default:
    unsafe depthwiseSingle(operands, taps, positions, vectors)
    return
  }
  if vectors % 2 == 1 {
    var last = unsafe operands
    unsafe last.advance(by: (vectors &- 1) &* NativeVector.scalarCount)
    unsafe depthwiseSingle(last, taps, positions, 1)
  }
}

@inline(never)
private func depthwise7(_ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ tiles: Int) {
  unsafe computeDepthwiseRun(operands, taps, tiles: tiles, sums: DepthwiseSums<7, 2>.self)
}

@inline(never)
private func depthwise6(_ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ tiles: Int) {
  unsafe computeDepthwiseRun(operands, taps, tiles: tiles, sums: DepthwiseSums<6, 2>.self)
}

@inline(never)
private func depthwise5(_ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ tiles: Int) {
  unsafe computeDepthwiseRun(operands, taps, tiles: tiles, sums: DepthwiseSums<5, 2>.self)
}

@inline(never)
private func depthwise4(_ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ tiles: Int) {
  unsafe computeDepthwiseRun(operands, taps, tiles: tiles, sums: DepthwiseSums<4, 2>.self)
}

/// Computes positions one at a time, four vectors together where there are so many.
@inline(never)
private func depthwiseSingle(
  _ operands: DepthwiseOperands, _ taps: DepthwiseTaps, _ positions: Int, _ vectors: Int
) {
  var operands = unsafe operands
  for _ in 0..<positions {
    unsafe computeDepthwiseTiles(
      operands, taps, tiles: vectors / 4, run: 1, sums: DepthwiseSums<1, 4>.self)
    var last = unsafe operands
    unsafe last.advance(by: vectors / 4 &* 4 &* NativeVector.scalarCount)
    unsafe computeDepthwiseTiles(
      last, taps, tiles: vectors % 4, run: 1, sums: DepthwiseSums<1, 1>.self)
    unsafe operands.source += operands.sourceStride
    unsafe operands.result += operands.resultStride
  }
}
