import Kernels

/// Which cells each output of a pooling is taken from.
enum PoolingWindow: Hashable, Sendable {
  /// A window that slides over the map.
  case sliding(SlidingWindow)
  /// As many parts of the map along each axis as there are outputs.
  case adaptive(AxisValues)
  /// The whole map.
  case wholeMap

  /// The geometry that the engine works with.
  ///
  /// - Throws: `ShapeError` if the window does not fit the padded input.
  func geometry(input: Shape, batchSize: Int) throws(ShapeError) -> PoolingGeometry {
    let axes = input.spatial.count
    guard axes > 0 else {
      throw ShapeError("pooling needs an input with spatial axes, not a vector")
    }
    switch self {
    case .sliding(let window):
      return try window.geometry(input: input, batchSize: batchSize)
    case .adaptive(let size):
      let output = Extent3(try size.expanded(axes: axes, of: "output size"), fill: 1)
      return try Self.adaptive(output, input: input, batchSize: batchSize)
    case .wholeMap:
      return try Self.adaptive(Extent3(repeating: 1), input: input, batchSize: batchSize)
    }
  }

  private static func adaptive(
    _ output: Extent3, input: Shape, batchSize: Int
  ) throws(ShapeError) -> PoolingGeometry {
    do {
      return try PoolingGeometry(
        batchSize: batchSize, channels: input.channels,
        inputExtent: Extent3(input.spatial, fill: 1), adaptiveOutput: output)
    } catch {
      throw ShapeError("\(error)")
    }
  }

  /// The geometry of a node that the builder has accepted.
  func geometry(_ shapes: NodeShapes) -> PoolingGeometry {
    do {
      return try geometry(input: shapes.inputs[0], batchSize: shapes.batchSize)
    } catch {
      preconditionFailure("the builder accepted this pooling: \(error.reason)")
    }
  }

  /// The map of window positions; a vector for the whole map.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    let geometry = try geometry(input: input, batchSize: 1)
    let extent = geometry.outputExtent
    guard Double(geometry.outputCount) * Double(geometry.kernelExtent.volume) < 0x1p48 else {
      throw ShapeError("the windows of this pooling would have 2^48 cells a sample or more")
    }
    if self == .wholeMap { return Shape(channels: input.channels) }
    let spatial = [extent.depth, extent.height, extent.width].suffix(input.spatial.count)
    return Shape(spatial: Array(spatial), channels: input.channels)
  }

  /// One for every cell of every window; where windows differ, of the largest.
  func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    saturatingProduct(shapes.outputElementCount, geometry(shapes).kernelExtent.volume)
  }
}

/// The window of a pooling that slides over the map: its numbers along each axis.
struct SlidingWindow: Hashable, Sendable {
  let kernel: AxisValues
  let stride: AxisValues
  let padding: AxisValues
  let paddingAfter: AxisValues?
  let dilation: AxisValues
  let ceilMode: Bool

  /// The geometry that the engine works with.
  ///
  /// - Throws: `ShapeError` if the window does not fit the padded input.
  func geometry(input: Shape, batchSize: Int) throws(ShapeError) -> PoolingGeometry {
    let axes = input.spatial.count
    let before = try padding.expanded(axes: axes, of: "padding")
    let after = try paddingAfter?.expanded(axes: axes, of: "padding") ?? before
    let kernel = Extent3(try kernel.expanded(axes: axes, of: "window"), fill: 1)
    let stride = Extent3(try stride.expanded(axes: axes, of: "stride"), fill: 1)
    let dilation = Extent3(try dilation.expanded(axes: axes, of: "dilation"), fill: 1)
    do {
      return try PoolingGeometry(
        batchSize: batchSize, channels: input.channels,
        inputExtent: Extent3(input.spatial, fill: 1), kernelExtent: kernel, stride: stride,
        paddingBefore: Extent3(before, fill: 0), paddingAfter: Extent3(after, fill: 0),
        dilation: dilation, ceilMode: ceilMode)
    } catch {
      throw ShapeError("\(error)")
    }
  }
}
