import KernelInterface

extension Engine {
  /// Copies some columns of every row of a matrix into another matrix, or adds them.
  ///
  /// Channels are columns of a map whose rows are pixels, so that this joins maps along channels and
  /// takes them apart. Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: The first element that is read.
  ///   - sourceStride: The elements from one row to the next.
  ///   - destination: The first element that is written.
  ///   - destinationStride: The elements from one row to the next.
  ///   - rows: The number of rows.
  ///   - columns: The number of columns that are copied.
  ///   - accumulate: Whether to add instead of overwriting.
  public func copyColumns(
    _ source: UnsafePointer<Float>, stride sourceStride: Int,
    into destination: UnsafeMutablePointer<Float>, stride destinationStride: Int, rows: Int,
    columns: Int, accumulate: Bool
  ) {
    forEachRows(rows, elements: columns) { range in
      unsafe kernels.copyColumns(
        source + range.lowerBound * sourceStride, stride: sourceStride,
        into: destination + range.lowerBound * destinationStride, stride: destinationStride,
        rows: range.count, columns: columns, accumulate: accumulate)
    }
  }
}
