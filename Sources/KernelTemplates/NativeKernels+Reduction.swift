import KernelInterface

extension NativeKernels: ReductionKernels {
  @inline(never)
  package func addRows(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let values = unsafe source + row * columns
      for column in 0..<columns {
        unsafe sums[column] += values[column]
      }
    }
  }
}
