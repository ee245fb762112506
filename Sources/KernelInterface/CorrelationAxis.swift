/// One axis of a pass that gathers: which positions it writes and which it reads for each.
///
/// The forward pass is one such pass. The data gradient of a convolution of stride s is s of them
/// along each axis: the input positions of one remainder modulo s see the same taps.
package struct CorrelationAxis: Hashable, Sendable {
  /// The first position that is written.
  package var outputStart = 0
  /// The distance between written positions.
  package var outputStep = 1
  /// The number of positions that are written.
  package var count = 1
  /// The position that the first tap reads for the first written position; may lie outside.
  package var inputStart = 0
  /// How much further the next written position reads.
  package var inputStep = 1
  /// The number of positions that exist on the side that is read.
  package var inputExtent = 1
  /// The number of taps; 0 where no window reaches.
  package var taps = 1
  /// How much further the next tap reads.
  package var tapStep = 1
  /// The index of the first tap's weight.
  package var weightStart = 0
  /// The distance to the next tap's weight; negative where the kernel is walked backwards.
  package var weightStep = 1

  /// The distance from the first position that a window reads to the one behind its last.
  package var span: Int { max(taps - 1, 0) * tapStep + 1 }

  /// The written positions, counted from the first, whose windows lie inside the map.
  package var positionsInside: Range<Int> {
    let low = inputStart < 0 ? (inputStep - 1 - inputStart) / inputStep : 0
    let last = inputExtent - span - inputStart
    let high = last < 0 ? 0 : min(count, last / inputStep + 1)
    return low < high ? low..<high : 0..<0
  }

  /// Whether every tap of every window lies inside the map.
  package var isInside: Bool {
    inputStart >= 0 && inputStart + (count - 1) * inputStep + span <= inputExtent
  }
}

extension CorrelationAxis {
  /// The axis of the forward pass.
  package static func forward(
    input: Int, output: Int, kernel: Int, stride: Int, padding: Int, dilation: Int
  ) -> CorrelationAxis {
    CorrelationAxis(
      count: output, inputStart: -padding, inputStep: stride, inputExtent: input,
      taps: kernel, tapStep: dilation)
  }

  /// The axis of the data gradient for every stride-th input position, from `phase` on.
  ///
  /// Position i receives dy[o] · w[u] where o · stride = i + padding − u · dilation, so u must solve
  /// a congruence modulo the stride: its solutions are equally spaced. They are walked from the last
  /// to the first, so that the positions read ascend.
  package static func backward(
    phase: Int, input: Int, output: Int, kernel: Int, stride: Int, padding: Int, dilation: Int
  ) -> CorrelationAxis {
    let divisor = greatestCommonDivisor(stride, dilation)
    let step = stride / divisor
    let first = (0..<min(step, kernel)).first { (phase + padding - $0 * dilation) % stride == 0 }
    var axis = CorrelationAxis(
      outputStart: phase, outputStep: stride, count: (input - phase + stride - 1) / stride,
      inputExtent: output, taps: 0)
    if let first {
      axis.taps = (kernel - 1 - first) / step + 1
      axis.tapStep = dilation / divisor
      axis.weightStart = first + (axis.taps - 1) * step
      axis.weightStep = -step
      axis.inputStart = (phase + padding - axis.weightStart * dilation) / stride
    }
    return axis
  }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
  var (larger, smaller) = (first, second)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return larger
}
