import KernelInterface

extension NativeKernels: DropoutKernels {
  @inline(never)
  package func dropOut(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    first: Int, probability: Float, stream: UInt64, accumulate: Bool
  ) {
    let scale = Lanes(repeating: 1 / (1 - probability))
    let firstBlock = first / Lanes.scalarCount
    forEachLanes(count) { index, lanes in
      let x = unsafe input.loadLanes(index, lanes)
      let random = uniforms(stream: stream, index: firstBlock &+ index / Lanes.scalarCount)
      let factor = scale.replacing(
        with: Lanes(repeating: 0), where: random .< Lanes(repeating: probability))
      unsafe output.storeLanes(x * factor, index, lanes, accumulate: accumulate)
    }
  }
}
