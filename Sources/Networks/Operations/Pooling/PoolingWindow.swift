import Kernels

/// The window of a pooling: its extent, stride and padding along each axis.
struct PoolingWindow: Hashable, Sendable {
  let kernel: AxisValues
  let stride: AxisValues
  let padding: AxisValues

  /// The geometry that the engine works with; the output's extent is rounded down.
  ///
  /// - Throws: `ShapeError` if the window does not fit the padded input.
  func geometry(input: Shape, batchSize: Int) throws(ShapeError) -> PoolingGeometry {
    let axes = input.spatial.count
    guard axes > 0 else {
      throw ShapeError("pooling needs an input with spatial axes, not a vector")
    }
    let padding = Extent3(try padding.expanded(axes: axes, of: "padding"), fill: 0)
    let kernel = Extent3(try kernel.expanded(axes: axes, of: "window"), fill: 1)
    let stride = Extent3(try stride.expanded(axes: axes, of: "stride"), fill: 1)
    do {
      return try PoolingGeometry(
        batchSize: batchSize, channels: input.channels,
        inputExtent: Extent3(input.spatial, fill: 1), kernelExtent: kernel, stride: stride,
        paddingBefore: padding, paddingAfter: padding)
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

  /// The map of window positions.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    let extent = try geometry(input: input, batchSize: 1).outputExtent
    let spatial = [extent.depth, extent.height, extent.width].suffix(input.spatial.count)
    return Shape(spatial: Array(spatial), channels: input.channels)
  }

  /// One for every cell of every window.
  func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    saturatingProduct(shapes.outputElementCount, geometry(shapes).kernelExtent.volume)
  }
}
