/// The sizes of one axis of a pooling layer, which windows cover which pixels.
///
/// Windows slide over the map, or divide it into as many parts as there are outputs (adaptive
/// pooling): part i reaches from ⌊i·input/output⌋ to ⌈(i + 1)·input/output⌉. Where `output` divides
/// `input`, that is the same as sliding.
package struct PoolingAxis: Hashable, Sendable {
  /// The number of pixels that go in.
  package let input: Int
  /// The cells of a window; of the largest one, if they differ.
  package let kernel: Int
  /// The step between windows, where they slide.
  package let stride: Int
  /// The distance between neighbouring cells of a window.
  package let dilation: Int
  /// The padding before the first pixel.
  package let paddingBefore: Int
  /// The padding behind the last pixel.
  package let paddingAfter: Int
  /// The number of windows.
  package let output: Int
  /// Whether windows divide the map into parts of different sizes.
  package let isAdaptive: Bool

  init(
    input: Int, kernel: Int, stride: Int, paddingBefore: Int, paddingAfter: Int, dilation: Int,
    ceilMode: Bool
  ) throws(PoolingGeometryError) {
    try Self.requireMap(input)
    guard 1..<1 << 32 ~= kernel, 1..<1 << 32 ~= stride, 1..<1 << 31 ~= dilation else {
      throw PoolingGeometryError(
        "a pooling window, its stride and its dilation are at least 1, not \(kernel), \(stride) "
          + "and \(dilation)")
    }
    // What only one cell reaches has no distances.
    let dilation = kernel == 1 ? 1 : dilation
    guard dilation <= input else {
      throw PoolingGeometryError(
        "the cells of a pooling window that lie \(dilation) apart would step over a map of "
          + "\(input) pixels")
    }
    let span = dilation * (kernel - 1) + 1
    guard 0..<span ~= paddingBefore, 0..<span ~= paddingAfter else {
      throw PoolingGeometryError(
        "the padding of pooling is at least 0 and smaller than the window of \(span), "
          + "not \(paddingBefore) and \(paddingAfter)")
    }
    let padded = input + paddingBefore + paddingAfter
    let room = padded - span
    guard room >= 0 || ceilMode && room > -stride else {
      throw PoolingGeometryError(
        "a pooling window of \(span) does not fit into \(padded) pixels, padding included")
    }
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.paddingBefore = paddingBefore
    self.paddingAfter = paddingAfter
    isAdaptive = false
    let whole = max(room, 0) / stride + 1
    // One window more, unless it would begin behind the map.
    let reachesOver = ceilMode && room > 0 && room % stride != 0
    output = reachesOver && whole * stride < input + paddingBefore ? whole + 1 : whole
  }

  init(input: Int, adaptiveOutput output: Int) throws(PoolingGeometryError) {
    try Self.requireMap(input)
    guard 1..<1 << 31 ~= output, input < 1 << 31 else {
      throw PoolingGeometryError(
        "adaptive pooling makes from 1 to 2^31 − 1 pixels of as many, not \(output) of \(input)")
    }
    let (quotient, rest) = input.quotientAndRemainder(dividingBy: output)
    isAdaptive = rest != 0
    // Window i begins at a remainder of i·input/output, all multiples of the common divisor.
    kernel =
      rest == 0
      ? quotient : quotient + (rest == Self.commonDivisor(rest, output) ? 1 : 2)
    stride = max(1, quotient)
    dilation = 1
    paddingBefore = 0
    paddingAfter = 0
    self.input = input
    self.output = output
  }

  /// The position of the first cell of window `index`; negative in the padding.
  package func start(ofWindow index: Int) -> Int {
    isAdaptive ? index * input / output : index * stride - paddingBefore
  }

  /// The cells of window `index` that lie inside the input: never none.
  package func cells(ofWindow index: Int) -> Range<Int> {
    let start = start(ofWindow: index)
    if isAdaptive { return 0..<((index + 1) * input + output - 1) / output - start }
    if dilation == 1 { return max(0, -start)..<min(kernel, input - start) }
    let first = start < 0 ? (dilation - 1 - start) / dilation : 0
    return first..<min(kernel, (input - start + dilation - 1) / dilation)
  }

  /// The cells of window `index` that lie inside the input or its padding, without dilation.
  package func paddedCellCount(ofWindow index: Int) -> Int {
    isAdaptive
      ? cells(ofWindow: index).count
      : min(kernel, input + paddingAfter - start(ofWindow: index))
  }

  /// The windows that cover pixel `index`: perhaps none, where the stride exceeds the window.
  ///
  /// With dilation, also those that step over it.
  package func windows(coveringPixel index: Int) -> Range<Int> {
    if isAdaptive { return index * output / input..<((index + 1) * output + input - 1) / input }
    let position = index + paddingBefore
    let span = dilation * (kernel - 1) + 1
    let first = position < span ? 0 : (position - span) / stride + 1
    let end = min(output, position / stride + 1)
    return first..<max(first, end)
  }

  /// Whether every window lies inside the padded input with all its cells.
  var windowsAreWhole: Bool {
    !isAdaptive
      && (output - 1) * stride + dilation * (kernel - 1) + 1
        <= paddingBefore + input + paddingAfter
  }

  private static func requireMap(_ input: Int) throws(PoolingGeometryError) {
    guard 1..<1 << 32 ~= input else {
      throw PoolingGeometryError(
        "pooling needs an input of at least one pixel on each axis, not \(input)")
    }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
