import KernelInterface

extension NativeKernels: UpsamplingKernels {
  @inline(never)
  package func upsample(
    _ geometry: UpsamplingGeometry, inputLines: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.channels
    for line in inputLines {
      let source = unsafe input + line * geometry.inputLineElements
      for copy in 0..<geometry.linesPerLine {
        let start = geometry.outputLine(of: line, copy: copy) * geometry.outputLineElements
        var destination = unsafe output + start
        for pixel in 0..<geometry.inputExtent.width {
          for _ in 0..<geometry.factor.width {
            forEachLanes(channels) { index, lanes in
              let values = unsafe (source + pixel &* channels).loadLanes(index, lanes)
              unsafe destination.storeLanes(values, index, lanes)
            }
            unsafe destination += channels
          }
        }
      }
    }
  }

  @inline(never)
  package func upsampleBackward(
    _ geometry: UpsamplingGeometry, inputLines: Range<Int>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let channels = geometry.channels
    for line in inputLines {
      let destination = unsafe inputGradient + line * geometry.inputLineElements
      for copy in 0..<geometry.linesPerLine {
        let start = geometry.outputLine(of: line, copy: copy) * geometry.outputLineElements
        let source = unsafe outputGradient + start
        // The copies are added in order, whoever runs them.
        let adds = accumulate || copy > 0
        for pixel in 0..<geometry.inputExtent.width {
          let first = pixel &* geometry.factor.width
          forEachLanes(channels) { index, lanes in
            var sum = unsafe (source + first &* channels).loadLanes(index, lanes)
            for other in 1..<max(1, geometry.factor.width) {
              sum += unsafe (source + (first &+ other) &* channels).loadLanes(index, lanes)
            }
            unsafe (destination + pixel &* channels).storeLanes(
              sum, index, lanes, accumulate: adds)
          }
        }
      }
    }
  }
}
