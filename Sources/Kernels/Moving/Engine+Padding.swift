import KernelInterface

extension Engine {
  /// Writes a map with what is put around it.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - input: The map's elements.
  ///   - output: The padded map's elements; must not overlap the input.
  public func pad(
    _ geometry: PaddingGeometry, input: UnsafePointer<Float>,
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
        let target = unsafe output + row * rowElements
        guard let sourceZ = depth.source(of: z), let sourceY = height.source(of: y) else {
          unsafe target.update(repeating: geometry.constant, count: rowElements)
          continue
        }
        let sourceRow = (sample * depth.input + sourceZ) * height.input + sourceY
        let source = unsafe input + sourceRow * width.input * channels
        unsafe (target + width.before * channels).update(
          from: source, count: width.input * channels)
        for x in width.aroundMap {
          let pixel = unsafe target + x * channels
          if let sourceX = width.source(of: x) {
            unsafe pixel.update(from: source + sourceX * channels, count: channels)
          } else {
            unsafe pixel.update(repeating: geometry.constant, count: channels)
          }
        }
      }
    }
  }

  /// The gradient of a padding: for each pixel the sum over all places where it stands.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - outputGradient: The padded map's elements.
  ///   - inputGradient: The map's elements; must not overlap the output's gradient.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func padBackward(
    _ geometry: PaddingGeometry, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let channels = geometry.channels
    let rowElements = width.input * channels
    forEachRows(geometry.batchSize * depth.input * height.input, elements: rowElements) { rows in
      for row in rows {
        let (plane, y) = row.quotientAndRemainder(dividingBy: height.input)
        let (sample, z) = plane.quotientAndRemainder(dividingBy: depth.input)
        let target = unsafe inputGradient + row * rowElements
        var adds = accumulate
        depth.forEachPosition(of: z) { sourceZ in
          height.forEachPosition(of: y) { sourceY in
            let sourceRow = (sample * depth.output + sourceZ) * height.output + sourceY
            let source = unsafe outputGradient + sourceRow * width.output * channels
            unsafe moveRun(
              source + width.before * channels, into: target, count: rowElements,
              accumulate: adds)
            adds = true
            for x in width.aroundMap {
              guard let targetX = width.source(of: x) else { continue }
              unsafe moveRun(
                source + x * channels, into: target + targetX * channels, count: channels,
                accumulate: true)
            }
          }
        }
      }
    }
  }
}

extension PaddingGeometry {
  /// What stands where no pixel does; nothing asks for it in other modes.
  fileprivate var constant: Float {
    if case .constant(let value) = mode { value } else { 0 }
  }
}

extension PaddingAxis {
  /// The positions before and behind the map.
  fileprivate var aroundMap: some Sequence<Int> {
    (0..<before + after).lazy.map { $0 < before ? $0 : $0 + input }
  }
}
