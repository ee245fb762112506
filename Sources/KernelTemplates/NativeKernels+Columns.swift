import KernelInterface

extension NativeKernels: ColumnKernels {
  @inline(never)
  package func copyColumns(
    _ source: UnsafePointer<Float>, stride sourceStride: Int,
    into destination: UnsafeMutablePointer<Float>, stride destinationStride: Int, rows: Int,
    columns: Int, accumulate: Bool
  ) {
    for row in 0..<rows {
      let from = unsafe source + row &* sourceStride
      let to = unsafe destination + row &* destinationStride
      forEachLanes(columns) { index, lanes in
        unsafe to.storeLanes(from.loadLanes(index, lanes), index, lanes, accumulate: accumulate)
      }
    }
  }
}
