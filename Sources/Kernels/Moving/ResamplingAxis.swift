/// How the pixels of a resampled map come from those of the map.
public enum ResamplingMethod: Hashable, Sendable {
  /// Each is the pixel that it falls on.
  case nearest
  /// Each lies between the nearest two of every axis: linear, bilinear or trilinear.
  ///
  /// With aligned corners the first and last pixels of both maps fall on each other, else their outer
  /// edges do.
  case linear(alignsCorners: Bool)
}

/// The sizes of one axis of a resampling, and which pixels each output pixel comes from.
struct ResamplingAxis: Hashable, Sendable {
  let input: Int
  let output: Int
  /// The output pixels for an input pixel, if that is not the quotient of the extents.
  let scale: Double?
  let method: ResamplingMethod

  /// The pixels that output pixel `position` lies between, and the share of the upper one.
  @inline(__always)
  func neighbors(of position: Int) -> (lower: Int, upper: Int, upperShare: Float) {
    switch method {
    case .nearest:
      let pixel = scale.map { Int(Double(position) / $0) } ?? position * input / output
      let nearest = min(pixel, input - 1)
      return (nearest, nearest, 0)
    case .linear(let alignsCorners):
      let place = alignsCorners ? alignedPlace(of: position) : max(0, centeredPlace(of: position))
      let lower = min(Int(place), input - 1)
      return (lower, min(lower + 1, input - 1), Float(place - Double(lower)))
    }
  }

  private func alignedPlace(of position: Int) -> Double {
    output == 1 ? 0 : Double(position) * Double(input - 1) / Double(output - 1)
  }

  private func centeredPlace(of position: Int) -> Double {
    let center = Double(position) + 0.5
    return (scale.map { center / $0 } ?? center * Double(input) / Double(output)) - 0.5
  }

  /// The share that a pixel has in output pixel `position`.
  @inline(__always)
  func share(of pixel: Int, in position: Int) -> Float {
    let (lower, upper, upperShare) = neighbors(of: position)
    return (lower == pixel ? 1 - upperShare : 0) + (upper == pixel ? upperShare : 0)
  }

  /// The output pixels that a pixel has a share in: neighbours, since places only grow; perhaps none.
  ///
  /// - Parameters:
  ///   - pixel: The pixel.
  ///   - previous: Those of an earlier pixel, where the search begins.
  /// - Returns: A range of output pixels.
  func outputs(of pixel: Int, after previous: Range<Int> = 0..<0) -> Range<Int> {
    var first = previous.lowerBound
    while first < output, neighbors(of: first).upper < pixel { first += 1 }
    var end = max(first, previous.upperBound)
    while end < output, neighbors(of: end).lower <= pixel { end += 1 }
    return first..<end
  }
}
