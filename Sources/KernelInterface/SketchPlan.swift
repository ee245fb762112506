/// How the work of a sketch is cut up: a pure function of the description and the geometry.
///
/// Neither the number of threads nor the instruction set enters, so results cannot depend on them.
package struct SketchPlan: Hashable, Sendable {
  package let geometry: ConvolutionGeometry
  /// The rows of a sample's sketch: numbers kept for each channel.
  package let rowCount: Int
  /// The rows of the input map, all but the last axis flattened.
  package let mapRowCount: Int
  /// The rows of a tile of the map, fewer for the last tile.
  package let tileRowCount: Int
  /// The columns of a tile, fewer for the last: all columns unless a row exceeds a tile.
  package let tileColumnCount: Int
  /// The samples whose output gradients are compressed before the products with the sketch.
  package let groupSize: Int

  /// A tile of probes, a quarter of a core's second-level cache.
  private static let tileCapacity = 32_768
  /// The compressed output gradients of a group of samples: a megabyte.
  private static let groupCapacity = 262_144

  package init(_ description: SketchDescription, _ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    rowCount = description.rowCount
    let input = geometry.inputExtent
    mapRowCount = input.depth * input.height
    let pixels = max(1, Self.tileCapacity / description.size)
    tileRowCount = min(mapRowCount, max(1, pixels / max(1, input.width)))
    tileColumnCount = min(input.width, pixels)
    let sampleFloats = geometry.kernelExtent.volume * rowCount * geometry.outputChannels
    groupSize = max(1, min(geometry.batchSize, Self.groupCapacity / max(1, sampleFloats)))
  }

  /// The pixels of an input map.
  package var pixelCount: Int { geometry.inputExtent.volume }

  /// The floats of a sample's compressed output gradient for one tap.
  package var compressedCount: Int { rowCount * geometry.outputChannels }

  /// The pixels of the largest tile.
  package var tilePixelCount: Int { tileRowCount * tileColumnCount }

  /// The number of tiles that cover the map.
  package var tileCount: Int {
    tilesDown * tilesAcross
  }

  private var tilesDown: Int { (mapRowCount + tileRowCount - 1) / max(1, tileRowCount) }

  private var tilesAcross: Int {
    (geometry.inputExtent.width + tileColumnCount - 1) / max(1, tileColumnCount)
  }

  /// A tile of the map; tiles follow each other without gaps in the order of pixels.
  package func tile(_ index: Int) -> SketchTile {
    let firstRow = index / tilesAcross * tileRowCount
    let firstColumn = index % tilesAcross * tileColumnCount
    let width = geometry.inputExtent.width
    return SketchTile(
      rows: firstRow..<min(firstRow + tileRowCount, mapRowCount),
      columns: firstColumn..<min(firstColumn + tileColumnCount, width),
      firstPixel: firstRow * width + firstColumn)
  }
}

/// A part of a map whose probes are drawn at a time: some whole rows, or a piece of one.
package struct SketchTile: Hashable, Sendable {
  /// Rows of the map, all but the last axis flattened.
  package let rows: Range<Int>
  package let columns: Range<Int>
  /// The index of its first pixel; its pixels follow each other.
  package let firstPixel: Int

  package var pixelCount: Int { rows.count * columns.count }
}
