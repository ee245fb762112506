import KernelInterface

extension Engine {
  /// The rows that one task adds up.
  private static let rowsPerTask = 1024

  /// The bytes of scratch that `sumRows` works in.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  /// - Returns: A number of bytes.
  public static func sumRowsScratchByteCount(rows: Int, columns: Int) -> Int {
    partCount(rows: rows) * columns * MemoryLayout<Float>.stride
  }

  private static func partCount(rows: Int) -> Int {
    // At most 64 parts, so that scratch does not grow with the batch.
    min(64, (rows + rowsPerTask - 1) / rowsPerTask)
  }

  /// Adds up the rows of a matrix, as the gradient of a bias does; allocates nothing.
  ///
  /// - Parameters:
  ///   - source: (rows, columns).
  ///   - sums: One number a column.
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - accumulate: Whether to add to `sums` instead of overwriting it.
  ///   - scratch: Scratch of `sumRowsScratchByteCount`.
  public func sumRows(
    _ source: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, accumulate: Bool, scratch: UnsafeMutableRawPointer
  ) {
    let parts = unsafe scratch.assumingMemoryBound(to: Float.self)
    let partCount = Engine.partCount(rows: rows)
    unsafe parts.initialize(repeating: 0, count: partCount * columns)
    pool.parallel(taskCount: partCount) { part, _ in
      let start = part * rows / partCount
      let end = (part + 1) * rows / partCount
      unsafe kernels.addRows(
        source + start * columns, rows: end - start, columns: columns,
        to: parts + part * columns)
    }
    if !accumulate { unsafe sums.initialize(repeating: 0, count: columns) }
    unsafe kernels.addRows(parts, rows: partCount, columns: columns, to: sums)
  }
}
