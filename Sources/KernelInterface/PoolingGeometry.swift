/// The shape of a pooling layer: what it reads and what slides over it.
///
/// Activations are laid out (batch, depth, height, width, channels), channels innermost. One- and
/// two-dimensional pooling has leading extents of 1.
public struct PoolingGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  /// The size of the input map.
  public let inputExtent: Extent3
  /// The size of the window.
  public let kernelExtent: Extent3
  /// The distance between neighbouring windows.
  public let stride: Extent3
  /// The padding before the map.
  public let paddingBefore: Extent3
  /// The padding behind the map.
  public let paddingAfter: Extent3
  /// The size of the output map.
  public let outputExtent: Extent3

  /// The outermost axis.
  package let depth: PoolingAxis
  /// The middle axis.
  package let height: PoolingAxis
  /// The innermost axis.
  package let width: PoolingAxis

  /// Creates a geometry, or throws an error that says in one sentence what does not fit.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples; at least 0.
  ///   - channels: The number of channels; at least 1.
  ///   - inputExtent: The size of the input map.
  ///   - kernelExtent: The size of the window, not larger than the padded map.
  ///   - stride: The distance between neighbouring windows.
  ///   - paddingBefore: The padding before the map, smaller than the window.
  ///   - paddingAfter: The padding behind the map, smaller than the window.
  /// - Throws: `PoolingGeometryError`, whose description is a sentence for the user.
  public init(
    batchSize: Int, channels: Int, inputExtent: Extent3, kernelExtent: Extent3, stride: Extent3,
    paddingBefore: Extent3 = Extent3(repeating: 0), paddingAfter: Extent3 = Extent3(repeating: 0)
  ) throws(PoolingGeometryError) {
    guard batchSize >= 0, channels >= 1 else {
      throw PoolingGeometryError(
        "pooling needs at least one channel and no negative batch size, not \(channels) channels "
          + "and a batch of \(batchSize)")
    }
    func axis(_ axis: KeyPath<Extent3, Int>) throws(PoolingGeometryError) -> PoolingAxis {
      try PoolingAxis(
        input: inputExtent[keyPath: axis], kernel: kernelExtent[keyPath: axis],
        stride: stride[keyPath: axis], paddingBefore: paddingBefore[keyPath: axis],
        paddingAfter: paddingAfter[keyPath: axis])
    }
    depth = try axis(\.depth)
    height = try axis(\.height)
    width = try axis(\.width)
    self.batchSize = batchSize
    self.channels = channels
    self.inputExtent = inputExtent
    self.kernelExtent = kernelExtent
    self.stride = stride
    self.paddingBefore = paddingBefore
    self.paddingAfter = paddingAfter
    outputExtent = Extent3(depth: depth.output, height: height.output, width: width.output)
    // A window is slid over one channel of one sample: whether it fits does not depend on the batch.
    let values = Double(batchSize) * Double(channels)
    for (extent, count) in [(inputExtent, values), (outputExtent, values), (kernelExtent, 1)] {
      let cells = Double(extent.depth) * Double(extent.height) * Double(extent.width)
      guard count * cells < 0x1p48 else {
        throw PoolingGeometryError("a map of the pooling would have 2^48 numbers or more")
      }
    }
  }

  /// The number of elements of the input.
  public var inputCount: Int { batchSize * inputExtent.volume * channels }

  /// The number of elements of the output, and of bytes of its indices.
  public var outputCount: Int { batchSize * outputExtent.volume * channels }

  /// Refuses windows of more than 256 cells, which the one-byte indices of max-pooling cannot number.
  ///
  /// - Throws: `PoolingGeometryError`, whose description is a sentence for the user.
  public func requireByteIndices() throws(PoolingGeometryError) {
    guard kernelExtent.volume <= 256 else {
      throw PoolingGeometryError(
        "max-pooling numbers the cells of its window in one byte, so a window has at most 256 "
          + "cells, not \(kernelExtent.volume)")
    }
  }

  /// The number of rows of the input, over batch, depth and height.
  package var inputRows: Int { batchSize * inputExtent.depth * inputExtent.height }

  /// The number of rows of the output, over batch, depth and height.
  package var outputRows: Int { batchSize * outputExtent.depth * outputExtent.height }
}

/// Why sizes make no pooling layer.
public struct PoolingGeometryError: Error, Hashable, CustomStringConvertible {
  /// One sentence that says what is wrong and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
