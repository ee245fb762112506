/// Neighbouring positions that share the vectors of a pass which writes few channels.
///
/// Three channels would leave thirteen of sixteen lanes idle. Channels are innermost, so the channels
/// of a few neighbouring positions lie side by side too, and fill more of them: a block of positions is
/// treated as one position with more channels. Its window spans those of all its positions; for each
/// of them, the taps that are not its own have the weight zero. That costs some taps and saves more.
struct LaneBlock {
  /// The number of positions.
  var positions: Int
  /// The axis of the width, counted in blocks.
  var axis: CorrelationAxis
  /// The distance between the weights that one tap has for neighbouring positions.
  var weightStep: Int

  /// The block for a forward pass; none if it would not pay.
  static func forward(_ geometry: ConvolutionGeometry) -> LaneBlock? {
    guard geometry.stride.width == 1 else { return nil }
    let kernel = geometry.kernelExtent.width
    return best(
      geometry, channels: geometry.outputChannels, width: geometry.outputExtent.width,
      taps: Double(kernel)
    ) { positions in
      LaneBlock(
        positions: positions,
        axis: CorrelationAxis(
          outputStep: positions, count: geometry.outputExtent.width / positions,
          inputStart: -geometry.paddingBefore.width, inputStep: positions,
          inputExtent: geometry.inputExtent.width, taps: positions - 1 + kernel),
        weightStep: -1)
    }
  }

  /// The block for a data gradient, of all phases of the width at once; none if it would not pay.
  ///
  /// Output o reaches input i with tap u = i + padding − o · stride.
  static func backward(_ geometry: ConvolutionGeometry) -> LaneBlock? {
    let step = geometry.stride.width
    let padding = geometry.paddingBefore.width
    let kernel = geometry.kernelExtent.width
    let reach = padding - (kernel - 1)
    let first = reach >= 0 ? (reach + step - 1) / step : -(-reach / step)
    return best(
      geometry, channels: geometry.inputChannels, width: geometry.inputExtent.width,
      taps: Double(kernel) / Double(step)
    ) { positions in
      guard positions % step == 0 else { return nil }
      return LaneBlock(
        positions: positions,
        axis: CorrelationAxis(
          outputStep: positions, count: geometry.inputExtent.width / positions,
          inputStart: first, inputStep: positions / step,
          inputExtent: geometry.outputExtent.width,
          taps: (positions - 1 + padding) / step - first + 1,
          weightStart: padding - first * step, weightStep: -step),
        weightStep: 1)
    }
  }

  /// The cheapest block, in vectors that are multiplied for each position.
  private static func best(
    _ geometry: ConvolutionGeometry, channels: Int, width: Int, taps: Double,
    block: (_ positions: Int) -> LaneBlock?
  ) -> LaneBlock? {
    guard geometry.groups == 1, geometry.dilation.width == 1, channels <= 8 else { return nil }
    var cheapest: LaneBlock?
    var least = taps * cost(blocks: width) / 1.2
    for positions in 2...16 where width % positions == 0 && positions * channels <= 16 {
      guard let candidate = block(positions) else { continue }
      let taps = Double(candidate.axis.taps) / Double(positions)
      let cost = taps * cost(blocks: width / positions)
      if cost < least {
        least = cost
        cheapest = candidate
      }
    }
    return cheapest
  }

  /// Two rows of fewer than four blocks make tiles too small to keep the multipliers busy.
  private static func cost(blocks: Int) -> Double {
    max(1, 4 / Double(blocks))
  }
}
