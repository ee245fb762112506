/// Kernels of randomized sketches: random numbers, and what combines pixels.
package protocol SketchKernels {
  /// Writes the elements `first ..< first + count` of an endless stream of random signs ±1.
  ///
  /// Element e depends on `stream` and e alone.
  func fillSigns(
    stream: UInt64, first: Int, count: Int, into destination: UnsafeMutablePointer<Float>)

  /// Writes the elements `first ..< first + count` of an endless stream of standard normal numbers.
  ///
  /// Element e depends on `stream` and e alone, and is the same to the bit for every instruction
  /// set.
  func fillNormals(
    stream: UInt64, first: Int, count: Int, into destination: UnsafeMutablePointer<Float>)

  /// Adds the product of a transposed matrix and a matrix to a result.
  func addTransposedProduct(_ product: TransposedProduct)

  /// Adds Σₖ left[k][c] · right[k][c] to `result[c]`, for two matrices of `columns` columns with
  /// rows that follow each other.
  func addColumnProducts(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, rows: Int, columns: Int)

  /// Adds rows to buckets.
  func addSignedFold(_ fold: SignedFold)

  /// Folds a map as all taps of a kernel see it.
  func foldTaps(_ fold: TapFold)

  /// Copies `count` rows of `columns` floats, and adds them to `sums`.
  func copyRows(
    _ source: UnsafePointer<Float>, step: Int, count: Int, columns: Int,
    into destination: UnsafeMutablePointer<Float>, destinationStep: Int,
    addingTo sums: UnsafeMutablePointer<Float>)

  /// Adds `count` signs to buckets that are taken in turn.
  func addFoldedSigns(
    _ signs: UnsafePointer<Float>, count: Int, firstBucket: Int, bucketCount: Int,
    into buckets: UnsafeMutablePointer<Float>)

  /// Adds the sums of columns over `runs` runs of `length` rows to `result`.
  func addColumnSums(
    _ source: UnsafePointer<Float>, columns: Int, runs: Int, runStep: Int, length: Int, step: Int,
    into result: UnsafeMutablePointer<Float>)

  /// Rounds a matrix of rows `step` floats apart to levels of 8, 4 or 2 bits with a scale for each
  /// column, and replaces it by what the levels stand for.
  ///
  /// Rounding is up or down at random, so that the mean is kept; a number at an offset takes its
  /// random number from the part of the stream that belongs to `first` plus the offset. A byte holds
  /// the levels of one column in rows that follow each other, from the lowest bits upwards; rows of
  /// bytes lie `step` apart too.
  func encodeRows(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int, bits: Int,
    stream: UInt64, first: Int,
    into bytes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt16>)

  /// Writes the numbers that levels stand for, row by row.
  func decodeRows(
    _ bytes: UnsafePointer<UInt8>, scales: UnsafePointer<UInt16>, rows: Int, columns: Int,
    bits: Int, into values: UnsafeMutablePointer<Float>)

  /// Subtracts from each row of a matrix, whose rows lie `step` floats apart, its factor times one row.
  func subtractProduct(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int,
    factors: UnsafePointer<Float>, row means: UnsafePointer<Float>)

  /// Subtracts each row of a matrix times its factor from a row.
  func subtractWeightedRows(
    _ values: UnsafePointer<Float>, rows: Int, columns: Int, step: Int,
    factors: UnsafePointer<Float>, from result: UnsafeMutablePointer<Float>)

  /// Writes a matrix less the mean of the positive numbers of each column, where they are positive; the
  /// means are rounded to 16 bits and written too, two bytes a column, aligned or not.
  func subtractPositiveMeans(
    _ source: UnsafePointer<Float>, step: Int, rows: Int, columns: Int,
    into destination: UnsafeMutablePointer<Float>, destinationStep: Int,
    means: UnsafeMutableRawPointer)

  /// Adds such means to a matrix, whose rows follow each other, where the bits of a mask are set: those
  /// from bit `firstBit` on.
  func addPositiveMeans(
    _ means: UnsafeRawPointer, mask: UnsafePointer<UInt8>, firstBit: Int, rows: Int, columns: Int,
    to values: UnsafeMutablePointer<Float>)

  /// Multiplies each row of a matrix by its sign, and adds the same numbers to all of them.
  func restoreRows(
    _ values: UnsafeMutablePointer<Float>, signs: UnsafePointer<Float>, rows: Int, columns: Int,
    adding means: UnsafePointer<Float>?)

  /// Rounds floats to their upper 16 bits, up or down at random so that the mean is kept, and
  /// replaces them by what was rounded to.
  func encodeUpperHalves(
    _ values: UnsafeMutablePointer<Float>, count: Int, stream: UInt64, first: Int,
    into halves: UnsafeMutablePointer<UInt16>)
}
