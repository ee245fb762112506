/// A rectangle of output pixels that read, through one tap, a rectangle of a tile.
package struct SketchWindow: Hashable, Sendable {
  /// The first output pixel of a sample.
  package let outputPixel: Int
  /// The row and column of the input pixel that it reads, all but the last axis flattened.
  package let inputRow: Int
  package let inputColumn: Int
  /// The rows of outputs; they follow each other.
  package let rowCount: Int
  /// The outputs of a row.
  package let columnCount: Int
}

/// The output pixels that read, through one tap, a tile of the input: one rectangle for each depth.
///
/// Outputs that read the padding belong to no tile, on each axis by itself: a shift with zero fill.
package struct SketchWindows: Sequence, IteratorProtocol {
  private let geometry: ConvolutionGeometry
  private let tapDepth: Int
  private let tapHeight: Int
  private let columns: Range<Int>
  private let inputColumn: Int
  /// The rows of the tile, all but the last axis flattened.
  private let rows: Range<Int>
  private var depths: Range<Int>

  package init(_ geometry: ConvolutionGeometry, tap: Int, tile: SketchTile) {
    rows = tile.rows
    self.geometry = geometry
    let kernel = geometry.kernelExtent
    let tapWidth = tap % kernel.width
    tapHeight = tap / kernel.width % kernel.height
    tapDepth = tap / (kernel.width * kernel.height)
    columns = geometry.widthAxis.outputs(reading: tile.columns, tap: tapWidth)
    inputColumn = geometry.widthAxis.input(ofOutput: columns.lowerBound, tap: tapWidth)
    let height = geometry.inputExtent.height
    depths = geometry.depthAxis.outputs(
      reading: rows.lowerBound / height..<(rows.upperBound + height - 1) / height, tap: tapDepth)
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
    let planeRow =
      geometry.depthAxis.input(ofOutput: depth, tap: tapDepth) * geometry.inputExtent.height
    let inputs = (0..<geometry.inputExtent.height).clamped(
      to: rows.lowerBound - planeRow..<rows.upperBound - planeRow)
    let outputs = geometry.heightAxis.outputs(reading: inputs, tap: tapHeight)
    guard !outputs.isEmpty else { return nil }
    let extent = geometry.outputExtent
    return SketchWindow(
      outputPixel: (depth * extent.height + outputs.lowerBound) * extent.width
        + columns.lowerBound,
      inputRow: planeRow
        + geometry.heightAxis.input(ofOutput: outputs.lowerBound, tap: tapHeight),
      inputColumn: inputColumn, rowCount: outputs.count, columnCount: columns.count)
  }
}
