import KernelInterface

/// Random rounding keeps means: a value between two neighbours goes to the nearer one with the
/// greater probability. A uniform number is added, and the sum is rounded down.
extension NativeKernels {
  @inline(never)
  package func encodeRows(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int, bits: Int,
    stream: UInt64, first: Int,
    into bytes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt16>
  ) {
    forEachLanes(columns) { column, lanes in
      // Not zero, so that the scale of a map of zeros has an inverse.
      let largest = unsafe largestMagnitudes(
        values + column, rows: rows, count: lanes, step: step, atLeast: 1e-30)
      let levels = LevelRounding(bits: bits, largest: largest)
      unsafe scales.storeLanes(levels.scalePatterns, column, lanes)
      let part = unsafe LeveledColumns(
        values: values + column, step: step, rows: rows, bytes: bytes + column,
        stream: stream, first: first &+ column)
      // Whole blocks of rows with all that is known of them as constants, and what is left.
      var row = 0
      if lanes == Lanes.scalarCount {
        switch bits {
        case 2: row = part.encodeWholeBlocks(levels, bits: 2)
        case 4: row = part.encodeWholeBlocks(levels, bits: 4)
        default: row = part.encodeWholeBlocks(levels, bits: 8)
        }
      }
      if row < rows { part.encode(levels, bits: bits, lanes: lanes, from: row) }
    }
  }

  /// The largest magnitude of each of sixteen columns, and the least wanted for those that are beyond
  /// `count`.
  @inline(__always)
  private func largestMagnitudes(
    _ values: UnsafePointer<Float>, rows: Int, count: Int, step: Int, atLeast least: Float
  ) -> Lanes {
    // Each waits for the one before: two that take turns are faster.
    var (even, odd) = (Lanes(repeating: least), Lanes(repeating: least))
    var row = 0
    while row &+ 2 <= rows {
      even = larger(even, unsafe values.loadLanes(row &* step, count))
      odd = larger(odd, unsafe values.loadLanes((row &+ 1) &* step, count))
      row &+= 2
    }
    if row < rows { even = larger(even, unsafe values.loadLanes(row &* step, count)) }
    return greater(even, odd)
  }

  /// The larger of a magnitude and that of a number, which is left out if it is not a number.
  @inline(__always)
  private func larger(_ largest: Lanes, _ value: Lanes) -> Lanes {
    let pattern = unsafe unsafeBitCast(value, to: SIMD16<UInt32>.self)
    return greater(largest, floats(of: pattern & 0x7FFF_FFFF))
  }
}

/// The levels of sixteen columns.
private struct LevelRounding {
  let highest: Float
  let scale: Lanes
  let inverse: Lanes

  @inline(__always)
  init(bits: Int, largest: Lanes) {
    highest = Float(UInt32(1) &<< UInt32(truncatingIfNeeded: bits) &- 1)
    // The scale is rounded up to 16 bits: no magnitude exceeds half of the levels.
    let pattern = unsafe unsafeBitCast(largest * (1 / (highest / 2)), to: SIMD16<UInt32>.self)
    scale = floats(of: (pattern &+ 0x1_0000) & 0xFFFF_0000)
    inverse = 1 / scale
  }

  /// The upper halves of the scales; the lower ones are 0.
  var scalePatterns: SIMD16<UInt16> {
    @inline(__always) get {
      let pattern = unsafe unsafeBitCast(scale, to: SIMD16<UInt32>.self) &>> 16
      var patterns = SIMD16<UInt16>(repeating: 0)
      for lane in 0..<16 { patterns[lane] = UInt16(truncatingIfNeeded: pattern[lane]) }
      return patterns
    }
  }

  /// Rounds numbers to levels, up or down as the upper halves of random words tell.
  ///
  /// - Returns: The levels, and the numbers they stand for.
  @inline(__always)
  func round(
    _ values: Lanes, random word: SIMD16<UInt32>, highest: Float
  ) -> (levels: SIMD16<UInt32>, values: Lanes) {
    let middle = highest / 2
    let uniform = unitInterval(word & 0xFFFF_0000) - 1
    // A uniform number less a half, and rounding to the nearest: up or down at random. Adding
    // 1.5·2²³ rounds to a whole number and leaves it in the lowest bits.
    let position = values * inverse + (uniform + (middle - 0.5))
    let sum = smaller(position, Lanes(repeating: highest)) + 12_582_912
    let level = unsafe unsafeBitCast(sum, to: SIMD16<UInt32>.self) & UInt32(highest)
    return (level, (sum - 12_582_912 - middle) * scale)
  }
}

/// Up to sixteen columns of a matrix that is rounded to levels.
@safe
private struct LeveledColumns {
  let values: UnsafeMutablePointer<Float>
  let step: Int
  let rows: Int
  let bytes: UnsafeMutablePointer<UInt8>
  let stream: UInt64
  /// The place in the stream of the first number.
  let first: Int

  @inline(__always)
  init(
    values: UnsafeMutablePointer<Float>, step: Int, rows: Int, bytes: UnsafeMutablePointer<UInt8>,
    stream: UInt64, first: Int
  ) {
    unsafe self.values = values
    self.step = step
    self.rows = rows
    unsafe self.bytes = bytes
    self.stream = stream
    self.first = first
  }

  /// The rows of a block: they fill whole bytes, and share no random word with other rows.
  @inline(__always)
  private func blockRows(bits: Int) -> Int { max(2, 8 / bits) }

  /// Encodes all blocks of which there are all rows.
  ///
  /// - Returns: The first row that is left.
  @inline(__always)
  func encodeWholeBlocks(_ levels: LevelRounding, bits: Int) -> Int {
    let block = blockRows(bits: bits)
    var row = 0
    while row &+ block <= rows {
      encodeBlock(
        levels, bits: bits, highest: Float(1 << bits - 1), lanes: 16, from: row, count: block)
      row &+= block
    }
    return row
  }

  /// Encodes all blocks from a row on, of any size.
  @inline(never)
  func encode(_ levels: LevelRounding, bits: Int, lanes: Int, from first: Int) {
    let block = blockRows(bits: bits)
    for row in stride(from: first, to: rows, by: block) {
      encodeBlock(
        levels, bits: bits, highest: levels.highest, lanes: lanes, from: row,
        count: min(block, rows &- row))
    }
  }

  @inline(__always)
  private func encodeBlock(
    _ levels: LevelRounding, bits: Int, highest: Float, lanes: Int, from first: Int, count: Int
  ) {
    let slots = 8 / bits
    var word = SIMD16<UInt32>(repeating: 0)
    var packed = SIMD16<UInt32>(repeating: 0)
    for index in 0..<count {
      let row = first &+ index
      let offset = row &* step
      // A random word serves two rows: sixteen bits keep the mean to 2⁻¹⁷ of a level.
      word =
        index & 1 == 0 ? randomWords(stream: stream, index: self.first &+ offset) : word &<< 16
      let (level, value) = unsafe levels.round(
        values.loadLanes(offset, lanes), random: word, highest: highest)
      unsafe values.storeLanes(value, offset, lanes)
      let slot = index % slots
      packed |= level &<< UInt32(truncatingIfNeeded: slot &* bits)
      if slot &+ 1 == slots || index &+ 1 == count {
        unsafe bytes.storeLanes(LaneBytes.lowest(packed), row / slots &* step, lanes)
        packed = SIMD16(repeating: 0)
      }
    }
  }
}
