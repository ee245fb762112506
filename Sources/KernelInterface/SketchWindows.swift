/// A rectangle of output pixels that read, through one tap, a rectangle of the input map.
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

/// The output pixels that read, through one tap, a part of the input: one rectangle for each depth.
///
/// Outputs that read the padding belong to no part, on each axis by itself: a shift with zero fill.
package struct SketchWindows: Sequence, IteratorProtocol {
  private let geometry: ConvolutionGeometry
  private let tapDepth: Int
  private let tapHeight: Int
  private let columns: Range<Int>
  private let inputColumn: Int
  /// The rows of the part, all but the last axis flattened.
  private let rows: Range<Int>
  /// The rows of each plane that may belong to the part.
  private let heights: Range<Int>
  private var depths: Range<Int>

  /// The windows of a tile.
  package init(_ geometry: ConvolutionGeometry, tap: Int, tile: SketchTile) {
    let height = geometry.inputExtent.height
    self.init(
      geometry, tap: tap, rows: tile.rows,
      depths: tile.rows.lowerBound / height..<(tile.rows.upperBound + height - 1) / height,
      heights: 0..<height, columns: tile.columns)
  }

  /// The windows of a rectangle.
  package init(_ geometry: ConvolutionGeometry, tap: Int, box: SketchBox) {
    self.init(
      geometry, tap: tap, rows: 0..<geometry.inputExtent.depth * geometry.inputExtent.height,
      depths: box.depths, heights: box.heights, columns: box.columns)
  }

  private init(
    _ geometry: ConvolutionGeometry, tap: Int, rows: Range<Int>, depths: Range<Int>,
    heights: Range<Int>, columns: Range<Int>
  ) {
    self.geometry = geometry
    self.rows = rows
    self.heights = heights
    let kernel = geometry.kernelExtent
    let tapWidth = tap % kernel.width
    tapHeight = tap / kernel.width % kernel.height
    tapDepth = tap / (kernel.width * kernel.height)
    self.columns = geometry.widthAxis.outputs(reading: columns, tap: tapWidth)
    inputColumn = geometry.widthAxis.input(ofOutput: self.columns.lowerBound, tap: tapWidth)
    self.depths = geometry.depthAxis.outputs(reading: depths, tap: tapDepth)
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
    let inputs = heights.clamped(
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
