/// What 32 registers hold: up to 28 sums.
enum TileSizes {
  /// The most rows of one half of a tile of two vectors.
  static let rowsOfTwoVectors = 7
  /// The most rows of one half of a tile of one vector.
  static let rowsOfOneVector = 8
  /// Whether sums leave out rows that lie beyond a border.
  static let leavesRowsOut = true
  /// The most neighbouring positions of a depthwise tile, which sums two vectors of channels for each.
  static let depthwisePositions = 7
  /// The vectors of channels of a depthwise tile of windows that lie side by side.
  static let depthwiseVectors = 2
  /// Whether a depthwise weight gradient sums the taps of several kernel rows together: up to 30.
  static let sumsKernelRowsTogether = true
}

/// The sums of a tile of two halves of `half` rows, `rows` together.
typealias NativeSums<let half: Int, let rows: Int, let vectors: Int> = PairedSums<half, vectors>

/// The numbers of one pixel in a depthwise tile of windows that lie side by side.
typealias DepthwisePixel = InlineArray<2, NativeVector>
