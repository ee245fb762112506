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

  /// Adds `count` signs to buckets that are taken in turn.
  func addFoldedSigns(
    _ signs: UnsafePointer<Float>, count: Int, firstBucket: Int, bucketCount: Int,
    into buckets: UnsafeMutablePointer<Float>)

  /// Adds the sums of columns over `runs` runs of `length` rows to `result`.
  func addColumnSums(
    _ source: UnsafePointer<Float>, columns: Int, runs: Int, runStep: Int, length: Int, step: Int,
    into result: UnsafeMutablePointer<Float>)

  /// Rounds a matrix of rows `step` floats apart to bytes with a scale for each column, and replaces
  /// it by what the bytes stand for.
  ///
  /// Rounding is up or down at random, so that the mean is kept: row k takes the elements from
  /// `first` + k · `randomStep` of the stream. The bytes of rows lie `step` apart too.
  func encodeBytes(
    _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, step: Int,
    stream: UInt64, first: Int, randomStep: Int,
    into bytes: UnsafeMutablePointer<Int8>, scales: UnsafeMutablePointer<UInt16>)

  /// Writes the numbers that bytes stand for.
  func decodeBytes(
    _ bytes: UnsafePointer<Int8>, scales: UnsafePointer<UInt16>, rows: Int, columns: Int,
    into values: UnsafeMutablePointer<Float>)

  /// Rounds floats to their upper 16 bits, up or down at random so that the mean is kept, and
  /// replaces them by what was rounded to.
  func encodeUpperHalves(
    _ values: UnsafeMutablePointer<Float>, count: Int, stream: UInt64, first: Int,
    into halves: UnsafeMutablePointer<UInt16>)
}
