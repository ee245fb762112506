/// The sizes of one axis of a pooling layer, which windows cover which pixels.
package struct PoolingAxis: Hashable, Sendable {
  /// The number of pixels that go in.
  package let input: Int
  /// The extent of the window.
  package let kernel: Int
  /// The step between windows.
  package let stride: Int
  /// The padding before the first pixel.
  package let paddingBefore: Int
  /// The number of windows: those that fit into the padded input.
  package let output: Int

  init(
    input: Int, kernel: Int, stride: Int, paddingBefore: Int, paddingAfter: Int
  ) throws(PoolingGeometryError) {
    guard 1..<1 << 32 ~= input else {
      throw PoolingGeometryError(
        "pooling needs an input of at least one pixel on each axis, not \(input)")
    }
    guard 1..<1 << 32 ~= kernel, 1..<1 << 32 ~= stride else {
      throw PoolingGeometryError(
        "a pooling window and its stride are at least 1, not \(kernel) and \(stride)")
    }
    guard 0..<kernel ~= paddingBefore, 0..<kernel ~= paddingAfter else {
      throw PoolingGeometryError(
        "the padding of pooling is at least 0 and smaller than the window of \(kernel), "
          + "not \(paddingBefore) and \(paddingAfter)")
    }
    let padded = input + paddingBefore + paddingAfter
    guard kernel <= padded else {
      throw PoolingGeometryError(
        "a pooling window of \(kernel) does not fit into \(padded) pixels, padding included")
    }
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.paddingBefore = paddingBefore
    output = (padded - kernel) / stride + 1
  }

  /// The cells of window `index` that lie inside the input: never none.
  package func cells(ofWindow index: Int) -> Range<Int> {
    let start = index * stride - paddingBefore
    return max(0, -start)..<min(kernel, input - start)
  }

  /// The windows that cover pixel `index`: perhaps none, where the stride exceeds the window.
  package func windows(coveringPixel index: Int) -> Range<Int> {
    let position = index + paddingBefore
    let first = position < kernel ? 0 : (position - kernel) / stride + 1
    let end = min(output, position / stride + 1)
    return first..<max(first, end)
  }
}
