/// The sizes of one axis of a pooling layer.
public struct PoolingAxis: Hashable, Sendable {
  /// The number of pixels that go in.
  public let input: Int
  /// The extent of the window.
  public let kernel: Int
  /// The step between windows.
  public let stride: Int
  /// The padding before the first pixel.
  public let paddingBefore: Int
  /// The padding behind the last pixel.
  public let paddingAfter: Int
  /// The number of windows: those that fit into the padded input.
  public let output: Int

  init(
    input: Int, kernel: Int, stride: Int, paddingBefore: Int, paddingAfter: Int
  ) throws(PoolingGeometry.Invalid) {
    guard input >= 1 else {
      throw .init("pooling needs an input of at least one pixel on each axis, not \(input)")
    }
    guard kernel >= 1, stride >= 1 else {
      throw .init("a pooling window and its stride are at least 1, not \(kernel) and \(stride)")
    }
    guard 0..<kernel ~= paddingBefore, 0..<kernel ~= paddingAfter else {
      throw .init(
        "the padding of pooling is at least 0 and smaller than the window of \(kernel), "
          + "not \(paddingBefore) and \(paddingAfter)")
    }
    let padded = input + paddingBefore + paddingAfter
    guard kernel <= padded else {
      throw .init(
        "a pooling window of \(kernel) does not fit into \(padded) pixels, padding included")
    }
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.paddingBefore = paddingBefore
    self.paddingAfter = paddingAfter
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

/// The sizes of a pooling layer over maps of one, two or three axes.
public struct PoolingGeometry: Hashable, Sendable {
  /// Why sizes make no pooling layer.
  public struct Invalid: Error, Hashable, CustomStringConvertible {
    /// One sentence that says what is wrong and what would be right.
    public let description: String

    init(_ description: String) {
      self.description = description
    }
  }

  /// The number of samples.
  public let batch: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  /// The outermost axis; of size 1 for images and sequences.
  public let depth: PoolingAxis
  /// The middle axis; of size 1 for sequences.
  public let height: PoolingAxis
  /// The innermost axis.
  public let width: PoolingAxis

  /// The sizes of a pooling layer; output sizes are rounded down.
  ///
  /// - Parameters:
  ///   - batch: The number of samples; at least 0.
  ///   - channels: The number of channels; at least 1.
  ///   - input: The extent of the maps: one to three axes, (width), (height, width) or
  ///     (depth, height, width). The other lists have as many entries.
  ///   - kernel: The extent of the window.
  ///   - stride: The step between windows.
  ///   - paddingBefore: The padding before each axis, smaller than the window.
  ///   - paddingAfter: The padding behind each axis, smaller than the window.
  /// - Throws: `Invalid`, whose description is a sentence for the user.
  public init(
    batch: Int, channels: Int, input: [Int], kernel: [Int], stride: [Int],
    paddingBefore: [Int], paddingAfter: [Int]
  ) throws(Invalid) {
    guard batch >= 0, channels >= 1 else {
      throw Invalid("pooling needs at least one channel and no negative batch size")
    }
    let axes = input.count
    guard 1...3 ~= axes,
      [kernel.count, stride.count, paddingBefore.count, paddingAfter.count]
        .allSatisfy({ $0 == axes })
    else {
      throw Invalid(
        "pooling has one to three axes, and window, stride and padding as many as the input")
    }
    func axis(_ fromLast: Int) throws(Invalid) -> PoolingAxis {
      guard fromLast < axes else {
        return try PoolingAxis(input: 1, kernel: 1, stride: 1, paddingBefore: 0, paddingAfter: 0)
      }
      let index = axes - 1 - fromLast
      return try PoolingAxis(
        input: input[index], kernel: kernel[index], stride: stride[index],
        paddingBefore: paddingBefore[index], paddingAfter: paddingAfter[index])
    }
    self.batch = batch
    self.channels = channels
    depth = try axis(2)
    height = try axis(1)
    width = try axis(0)
  }

  /// The number of cells of a window.
  public var windowCells: Int { depth.kernel * height.kernel * width.kernel }

  /// The number of elements of the input.
  public var inputCount: Int { batch * depth.input * height.input * width.input * channels }

  /// The number of elements of the output.
  public var outputCount: Int { batch * depth.output * height.output * width.output * channels }

  /// Refuses windows of more than 256 cells, which the one-byte indices of max-pooling cannot number.
  ///
  /// - Throws: `Invalid`, whose description is a sentence for the user.
  public func checkIndicesFitBytes() throws(Invalid) {
    guard windowCells <= 256 else {
      throw Invalid(
        "max-pooling numbers the cells of its window in one byte, so a window has at most 256 "
          + "cells, not \(windowCells)")
    }
  }

  /// The number of rows of the input, over batch, depth and height.
  package var inputRows: Int { batch * depth.input * height.input }

  /// The number of rows of the output, over batch, depth and height.
  package var outputRows: Int { batch * depth.output * height.output }
}
