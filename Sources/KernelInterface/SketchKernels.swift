/// Kernels of randomized sketches: random numbers, and the products that combine pixels.
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
}
