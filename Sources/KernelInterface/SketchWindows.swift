/// A rectangle of output pixels that read, through one tap, a rectangle of a tile.
package struct SketchWindow: Hashable, Sendable {
  /// The first output pixel of a sample.
  package let outputPixel: Int
  /// The input pixel that it reads, counted from the tile's first.
  package let tilePixel: Int
  /// The rows of outputs; they follow each other.
  package let rowCount: Int
  /// The outputs of a row.
  package let columnCount: Int
}

/// The output pixels that read, through one tap, the pixels of a tile: one rectangle for each depth.
///
/// Outputs that read the padding belong to no tile, on each axis by itself: a shift with zero fill.
package struct SketchWindows: Sequence, IteratorProtocol {
  private let plan: SketchPlan
  private let tile: SketchTile
  private let tapHeight: Int
  private let tapWidth: Int
  private let columns: Range<Int>
  private let tapDepth: Int
  private var depths: Range<Int>

  package init(_ plan: SketchPlan, tap: Int, tile: SketchTile) {
    let geometry = plan.geometry
    self.plan = plan
    self.tile = tile
    let kernel = geometry.kernelExtent
    tapWidth = tap % kernel.width
    tapHeight = tap / kernel.width % kernel.height
    tapDepth = tap / (kernel.width * kernel.height)
    columns = geometry.widthAxis.outputs(reading: tile.columns, tap: tapWidth)
    let height = geometry.inputExtent.height
    let inputs = tile.rows.lowerBound / height..<(tile.rows.upperBound + height - 1) / height
    depths = geometry.depthAxis.outputs(reading: inputs, tap: tapDepth)
  }

  package mutating func next() -> SketchWindow? {
    guard !columns.isEmpty else { return nil }
    while let depth = depths.first {
      depths = depth + 1..<depths.upperBound
      if let window = window(depth: depth) { return window }
    }
    return nil
  }

  private func window(depth: Int) -> SketchWindow? {
    let geometry = plan.geometry
    let height = geometry.inputExtent.height
    let planeRow = geometry.depthAxis.input(ofOutput: depth, tap: tapDepth) * height
    let inputs =
      Swift.max(
        0, tile.rows.lowerBound - planeRow)..<Swift.min(height, tile.rows.upperBound - planeRow)
    let rows = geometry.heightAxis.outputs(reading: inputs, tap: tapHeight)
    guard !rows.isEmpty else { return nil }
    let inputRow =
      planeRow + geometry.heightAxis.input(ofOutput: rows.lowerBound, tap: tapHeight)
    let inputColumn =
      geometry.widthAxis.input(ofOutput: columns.lowerBound, tap: tapWidth)
    let output = geometry.outputExtent
    return SketchWindow(
      outputPixel: (depth * output.height + rows.lowerBound) * output.width + columns.lowerBound,
      tilePixel: (inputRow - tile.rows.lowerBound) * tile.columns.count
        + (inputColumn - tile.columns.lowerBound),
      rowCount: rows.count, columnCount: columns.count)
  }
}
