import KernelInterface

extension NativeKernels: ElementwiseKernels {
  @inline(never)
  package func accumulate(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count {
      unsafe destination[index] += source[index]
    }
  }
}
