import KernelInterface

extension Engine {
  /// Makes a map of another size.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - input: The map's elements.
  ///   - output: Receives the other map's elements; must not overlap the input.
  public func resample(
    _ geometry: ResamplingGeometry, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let channels = geometry.channels
    let rowElements = width.output * channels
    forEachRows(
      geometry.batchSize * depth.output * height.output, elements: rowElements
    ) { rows in
      for row in rows {
        let (plane, y) = row.quotientAndRemainder(dividingBy: height.output)
        let (sample, z) = plane.quotientAndRemainder(dividingBy: depth.output)
        let depthNeighbors = depth.neighbors(of: z)
        let heightNeighbors = height.neighbors(of: y)
        for x in 0..<width.output {
          let target = unsafe output + row * rowElements + x * channels
          let widthNeighbors = width.neighbors(of: x)
          var isFirst = true
          forEachNeighbor(depthNeighbors) { sourceZ, depthShare in
            let sourcePlane = sample * depth.input + sourceZ
            forEachNeighbor(heightNeighbors) { sourceY, heightShare in
              let sourceRow = sourcePlane * height.input + sourceY
              forEachNeighbor(widthNeighbors) { sourceX, widthShare in
                let source = unsafe input + (sourceRow * width.input + sourceX) * channels
                let share = depthShare * heightShare * widthShare
                if isFirst {
                  isFirst = false
                  for channel in 0..<channels {
                    unsafe target[channel] = share * source[channel]
                  }
                } else {
                  unsafe addRun(source, times: share, to: target, count: channels)
                }
              }
            }
          }
        }
      }
    }
  }

  /// The gradient of a resampling: for each pixel the sum over what it has a share in.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - outputGradient: The other map's elements.
  ///   - inputGradient: The map's elements; must not overlap the output's gradient.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func resampleBackward(
    _ geometry: ResamplingGeometry, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let channels = geometry.channels
    let rowElements = width.input * channels
    forEachRows(geometry.batchSize * depth.input * height.input, elements: rowElements) { rows in
      for row in rows {
        let (plane, y) = row.quotientAndRemainder(dividingBy: height.input)
        let (sample, z) = plane.quotientAndRemainder(dividingBy: depth.input)
        let planes = depth.outputs(of: z)
        let lines = height.outputs(of: y)
        var columns = 0..<0
        for x in 0..<width.input {
          columns = width.outputs(of: x, after: columns)
          let target = unsafe inputGradient + row * rowElements + x * channels
          if !accumulate { unsafe target.update(repeating: 0, count: channels) }
          for outputZ in planes {
            let depthShare = depth.share(of: z, in: outputZ)
            let outputPlane = sample * depth.output + outputZ
            for outputY in lines {
              let lineShare = depthShare * height.share(of: y, in: outputY)
              let outputRow = (outputPlane * height.output + outputY) * width.output
              for outputX in columns {
                let share = lineShare * width.share(of: x, in: outputX)
                guard share != 0 else { continue }
                unsafe addRun(
                  outputGradient + (outputRow + outputX) * channels, times: share, to: target,
                  count: channels)
              }
            }
          }
        }
      }
    }
  }
}

/// Calls `body` with both neighbours and their shares; with one that has all of it, only once.
@inline(__always)
private func forEachNeighbor(
  _ neighbors: (lower: Int, upper: Int, upperShare: Float),
  _ body: (_ pixel: Int, _ share: Float) -> Void
) {
  body(neighbors.lower, 1 - neighbors.upperShare)
  if neighbors.upperShare != 0 { body(neighbors.upper, neighbors.upperShare) }
}
