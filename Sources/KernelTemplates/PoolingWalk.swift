import KernelInterface

/// One window of a pooling layer: the cells of it that lie inside the map.
struct PoolingWindow {
  /// The number of the window's pixel in the output, over batch and all axes.
  var pixel: Int
  /// The cells inside, by axis.
  var depthCells: Range<Int>
  var heightCells: Range<Int>
  var widthCells: Range<Int>
  /// The number of the first cell inside.
  var firstCell: Int
  /// The input pixel under cell (0, 0, 0), which may lie outside the map.
  var origin: Int

  /// The number of cells inside the map.
  @inline(__always)
  var cellCount: Int { depthCells.count &* heightCells.count &* widthCells.count }

  /// Calls `body` with the number of every cell inside, in row-major order, and its input pixel.
  @inline(__always)
  func forEachCell(_ geometry: PoolingGeometry, _ body: (_ cell: Int, _ pixel: Int) -> Void) {
    forEachPosition(depthCells, heightCells, widthCells) { depthCell, heightCell, widthCell in
      let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
      let row = depthCell &* height.kernel &+ heightCell
      let inputPlane = depthCell &* depth.dilation &* height.input
      let inputRow = inputPlane &+ heightCell &* height.dilation
      body(
        row &* width.kernel &+ widthCell,
        origin &+ inputRow &* width.input &+ widthCell &* width.dilation)
    }
  }
}

/// Calls `body` for every window of some output rows, counted over batch, depth and height.
@inline(__always)
func forEachWindow(
  _ geometry: PoolingGeometry, outputRows: Range<Int>, _ body: (PoolingWindow) -> Void
) {
  let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
  for row in outputRows {
    let plane = row / height.output
    let (sample, z) = (plane / depth.output, plane % depth.output)
    let y = row % height.output
    let depthCells = depth.cells(ofWindow: z)
    let heightCells = height.cells(ofWindow: y)
    let inputPlane = sample &* depth.input &+ depth.firstPosition(ofWindow: z)
    let inputRow = inputPlane &* height.input &+ height.firstPosition(ofWindow: y)
    let rowCell = depthCells.lowerBound &* height.kernel &+ heightCells.lowerBound
    for x in 0..<width.output {
      let widthCells = width.cells(ofWindow: x)
      body(
        PoolingWindow(
          pixel: row &* width.output &+ x,
          depthCells: depthCells, heightCells: heightCells, widthCells: widthCells,
          firstCell: rowCell &* width.kernel &+ widthCells.lowerBound,
          origin: inputRow &* width.input &+ width.firstPosition(ofWindow: x)))
    }
  }
}

/// One pixel of the input of a pooling layer: the windows that cover it.
struct PoolingPixel {
  /// The number of the pixel in the input, over batch and all axes.
  var pixel: Int
  /// The number of the sample.
  var sample: Int
  /// The position on each axis.
  var depthPosition: Int
  var heightPosition: Int
  var widthPosition: Int
  /// The windows that cover the pixel, by axis.
  var depthWindows: Range<Int>
  var heightWindows: Range<Int>
  var widthWindows: Range<Int>

  /// Calls `body` with the number of every window over the pixel, over batch and all axes, and
  /// with the number of the cell that lies on the pixel.
  @inline(__always)
  func forEachWindow(_ geometry: PoolingGeometry, _ body: (_ window: Int, _ cell: Int) -> Void) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    forEachPosition(depthWindows, heightWindows, widthWindows) { z, y, x in
      let row = ((sample &* depth.output &+ z) &* height.output &+ y) &* width.output
      let depthCell = depth.cell(onPosition: depthPosition, ofWindow: z)
      let heightCell = height.cell(onPosition: heightPosition, ofWindow: y)
      let widthCell = width.cell(onPosition: widthPosition, ofWindow: x)
      guard depthCell | heightCell | widthCell >= 0 else { return }
      let rowCell = (depthCell &* height.kernel &+ heightCell) &* width.kernel
      body(row &+ x, rowCell &+ widthCell)
    }
  }
}

/// Calls `body` for every pixel of some input rows, counted over batch, depth and height.
@inline(__always)
func forEachPixel(
  _ geometry: PoolingGeometry, inputRows: Range<Int>, _ body: (PoolingPixel) -> Void
) {
  let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
  for row in inputRows {
    let plane = row / height.input
    let (sample, z) = (plane / depth.input, plane % depth.input)
    let y = row % height.input
    let depthWindows = depth.windows(coveringPixel: z)
    let heightWindows = height.windows(coveringPixel: y)
    for x in 0..<width.input {
      body(
        PoolingPixel(
          pixel: row &* width.input &+ x, sample: sample,
          depthPosition: z, heightPosition: y, widthPosition: x,
          depthWindows: depthWindows, heightWindows: heightWindows,
          widthWindows: width.windows(coveringPixel: x)))
    }
  }
}

extension PoolingAxis {
  /// The same as `start(ofWindow:)`, here, where it is seen by the loops that use it.
  @inline(__always)
  fileprivate func firstPosition(ofWindow index: Int) -> Int {
    isAdaptive ? start(ofWindow: index) : index &* stride &- paddingBefore
  }

  /// The cell of a window that lies on a position; negative if the window steps over it.
  @inline(__always)
  fileprivate func cell(onPosition position: Int, ofWindow index: Int) -> Int {
    let distance = position &- firstPosition(ofWindow: index)
    if dilation == 1 { return distance }
    return distance % dilation == 0 ? distance / dilation : -1
  }
}

/// Calls `body` for every position of a box, the last axis innermost.
@inline(__always)
private func forEachPosition(
  _ depths: Range<Int>, _ heights: Range<Int>, _ widths: Range<Int>,
  _ body: (_ depth: Int, _ height: Int, _ width: Int) -> Void
) {
  // Plain loops: iterators of ranges would stand in the way of keeping vectors in registers.
  var depth = depths.lowerBound
  while depth < depths.upperBound {
    var height = heights.lowerBound
    while height < heights.upperBound {
      var width = widths.lowerBound
      while width < widths.upperBound {
        body(depth, height, width)
        width &+= 1
      }
      height &+= 1
    }
    depth &+= 1
  }
}
