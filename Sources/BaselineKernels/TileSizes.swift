/// What 16 registers hold: 12 sums.
enum TileSizes {
  /// The most rows of one half of a tile of two vectors.
  static let rowsOfTwoVectors = 3
  /// The most rows of one half of a tile of one vector.
  static let rowsOfOneVector = 5
  /// Whether sums leave out rows that lie beyond a border.
  static let leavesRowsOut = false
  /// The most neighbouring positions of a depthwise tile, which sums two vectors of channels for each.
  static let depthwisePositions = 5
  /// The vectors of channels of a depthwise tile of windows that lie side by side.
  static let depthwiseVectors = 1
  /// Whether a depthwise weight gradient sums the taps of several kernel rows together: up to 30.
  static let sumsKernelRowsTogether = false
}

/// The sums of a tile of two halves of `half` rows, `rows` together.
typealias NativeSums<let half: Int, let rows: Int, let vectors: Int> = JointSums<rows, vectors>

/// The numbers of one pixel in a depthwise tile of windows that lie side by side.
typealias DepthwisePixel = InlineArray<1, NativeVector>
