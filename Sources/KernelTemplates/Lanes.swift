/// Sixteen floats: the vector of all elementwise kernels.
///
/// It is the same for every instruction set: the compiler splits it into two or four registers
/// where they are narrower, which unrolls the loop. Together with separate products and sums (never
/// fused) this gives elementwise results that are the same to the bit on all of them.
typealias Lanes = SIMD16<Float>

/// Calls `body` for every sixteen of `count` elements, with the first index and how many are left
/// of the sixteen: fewer only the last time.
///
/// A body that is no single store is best a local function that is always inlined: a closure is
/// called where the compiler finds it long.
@inline(__always)
func forEachLanes(_ count: Int, _ body: (_ index: Int, _ lanes: Int) -> Void) {
  let whole = count & ~(Lanes.scalarCount &- 1)
  var index = 0
  while index < whole {
    body(index, Lanes.scalarCount)
    index &+= Lanes.scalarCount
  }
  // A call of its own: where `lanes` is a constant, loads and stores are single instructions.
  if whole < count { body(whole, count &- whole) }
}

/// Calls `body` as `forEachLanes` does, but has one copy of it, which asks each time how many lanes
/// there are.
///
/// For long bodies, where the question costs nothing and a second copy much time to compile.
@inline(__always)
func forEachLanesAlike(_ count: Int, _ body: (_ index: Int, _ lanes: Int) -> Void) {
  var index = 0
  while index < count {
    body(index, min(Lanes.scalarCount, count &- index))
    index &+= Lanes.scalarCount
  }
}

extension UnsafePointer<Float> {
  /// The `lanes` floats from `index` on, and 0 behind them.
  @inline(__always)
  func loadLanes(_ index: Int, _ lanes: Int) -> Lanes {
    if lanes == Lanes.scalarCount {
      return unsafe UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self)
    }
    var vector = Lanes(repeating: 0)
    for lane in 0..<lanes {
      vector[lane] = unsafe self[index &+ lane]
    }
    return vector
  }
}

extension UnsafeMutablePointer<Float> {
  /// The `lanes` floats from `index` on, and 0 behind them.
  @inline(__always)
  func loadLanes(_ index: Int, _ lanes: Int) -> Lanes {
    unsafe UnsafePointer(self).loadLanes(index, lanes)
  }

  /// Writes the first `lanes` of `vector` from `index` on.
  @inline(__always)
  func storeLanes(_ vector: Lanes, _ index: Int, _ lanes: Int) {
    if lanes == Lanes.scalarCount {
      unsafe UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: Lanes.self)
      return
    }
    for lane in 0..<lanes {
      unsafe self[index &+ lane] = vector[lane]
    }
  }

  /// Writes the first `lanes` of `vector` from `index` on, or adds them.
  @inline(__always)
  func storeLanes(_ vector: Lanes, _ index: Int, _ lanes: Int, accumulate: Bool) {
    let value = accumulate ? unsafe loadLanes(index, lanes) + vector : vector
    unsafe storeLanes(value, index, lanes)
  }
}
