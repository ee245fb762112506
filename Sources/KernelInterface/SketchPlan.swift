/// How the work of a sketch is cut up: a pure function of the description and the geometry.
///
/// Neither the number of threads nor the instruction set enters, so results cannot depend on them.
package struct SketchPlan: Hashable, Sendable {
  package let geometry: ConvolutionGeometry
  /// The numbers that a sketch has of each map: probes or buckets.
  package let sketchRows: Int
  /// The rectangles of the map whose means are carried exactly.
  package let boxes: SketchBoxes
  /// The random numbers of each pixel: as many as there are probes, one for a fold.
  package let probesPerPixel: Int
  /// The rows of the input map, all but the last axis flattened.
  package let mapRowCount: Int
  /// The rows of a tile of the map, fewer for the last tile.
  package let tileRowCount: Int
  /// The columns of a tile, fewer for the last: all columns unless a row exceeds a tile.
  package let tileColumnCount: Int
  /// The samples whose sketches and compressed output gradients are held at a time: by all threads
  /// together, or by each thread where the batch is divided into parts.
  package private(set) var groupSize: Int
  /// The parts of the batch, each of which is summed up by one task into a gradient of its own; 1 if
  /// all threads work on the same samples.
  package private(set) var partCount = 1

  // The floats of a tile of probes: a quarter of a core's second-level cache. Folds need little.
  package static let tileCapacity = 32_768
  private static let signTileCapacity = 4_096
  // The floats of the compressed output gradients of a group of samples: two megabytes,
  // which the second-level caches of two cores hold.
  private static let groupCapacity = 524_288
  // The same where each thread has its own: half of a core's second-level cache.
  private static let taskCapacity = 131_072
  // The floats of the gradients of all parts, and how many there are at most and at least: with fewer,
  // threads would have nothing to do.
  private static let partialCapacity = 163_840
  private static let mostParts = 8
  private static let fewestParts = 4

  package init(_ description: SketchDescription, _ geometry: ConvolutionGeometry) {
    let isFold = description.estimator == .fold
    self.init(
      geometry,
      sketchRows: isFold ? min(description.size, geometry.inputExtent.volume) : description.size,
      probesPerPixel: isFold ? 1 : description.size,
      boxes: SketchBoxes(count: description.deflation.count, in: geometry.inputExtent),
      tileCapacity: isFold ? Self.signTileCapacity : Self.tileCapacity)
    if TapFoldPlan(description, geometry) != nil { divideBatch() }
  }

  /// Divides the batch into parts if their gradients are small enough: a task that folds a few samples
  /// and multiplies them finds everything in its own core's cache and waits for no other.
  private mutating func divideBatch() {
    let parts = min(Self.mostParts, geometry.batchSize, Self.partialCapacity / partialCount)
    let affordable = Self.taskCapacity / (geometry.kernelExtent.volume * compressedCount)
    guard parts >= Self.fewestParts, affordable >= 1 else { return }
    partCount = parts
    groupSize = evenSize(partSize, affordable)
  }

  package init(
    _ geometry: ConvolutionGeometry, sketchRows: Int, probesPerPixel: Int,
    boxes: SketchBoxes? = nil, tileCapacity: Int = SketchPlan.tileCapacity
  ) {
    self.geometry = geometry
    let input = geometry.inputExtent
    self.sketchRows = sketchRows
    self.probesPerPixel = probesPerPixel
    self.boxes = boxes ?? SketchBoxes(count: 0, in: input)
    mapRowCount = input.depth * input.height
    let pixels = max(1, tileCapacity / probesPerPixel)
    tileRowCount = min(mapRowCount, max(1, pixels / input.width))
    tileColumnCount = min(input.width, pixels)
    let sampleFloats =
      geometry.kernelExtent.volume * (sketchRows + self.boxes.count) * geometry.outputChannels
    groupSize = max(1, min(geometry.batchSize, Self.groupCapacity / sampleFloats))
  }

  /// The rows of a sample's sketch, the carried means among them.
  package var rowCount: Int { sketchRows + boxes.count }

  /// The pixels of an input map.
  package var pixelCount: Int { geometry.inputExtent.volume }

  /// The floats of a sample's sketch.
  package var sketchCount: Int { rowCount * geometry.inputChannels }

  /// The floats of a sample's compressed output gradient for one tap.
  package var compressedCount: Int { rowCount * geometry.outputChannels }

  /// The samples of the largest part.
  private var partSize: Int { (geometry.batchSize + partCount - 1) / partCount }

  /// The samples of a part.
  package func samples(ofPart part: Int) -> Range<Int> {
    geometry.batchSize * part / partCount..<geometry.batchSize * (part + 1) / partCount
  }

  /// The floats of the gradients of weights and bias of one part, in whole cache lines.
  package var partialCount: Int {
    (geometry.weightCount + geometry.outputChannels + 15) / 16 * 16
  }

  /// The floats of the largest tile of probes.
  package var probeTileCount: Int { tileRowCount * tileColumnCount * probesPerPixel }

  /// The number of tiles that cover the map.
  package var tileCount: Int { tilesDown * tilesAcross }

  private var tilesDown: Int { (mapRowCount + tileRowCount - 1) / tileRowCount }

  private var tilesAcross: Int {
    (geometry.inputExtent.width + tileColumnCount - 1) / tileColumnCount
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
