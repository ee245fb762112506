/// A rectangle of a map.
package struct SketchBox: Hashable, Sendable {
  package let depths: Range<Int>
  package let heights: Range<Int>
  package let columns: Range<Int>

  package var pixelCount: Int { depths.count * heights.count * columns.count }
}

/// Rectangles that divide a map: their means are carried exactly beside a sketch.
package struct SketchBoxes: Hashable, Sendable {
  private let extent: Extent3
  private var parts: Extent3
  private let isEmpty: Bool

  /// Divides a map into `count` rectangles, or into fewer where an axis is too short.
  ///
  /// Each prime factor of the number divides the axis along which rectangles are longest.
  package init(count: Int, in extent: Extent3) {
    self.extent = extent
    isEmpty = count == 0
    parts = Extent3(repeating: 1)
    var rest = count
    var factor = 2
    while rest > 1 {
      // What is left when the factor exceeds the root is prime.
      if factor * factor > rest { factor = rest }
      if rest % factor == 0 {
        divide(by: factor)
        rest /= factor
      } else {
        factor += 1
      }
    }
    parts.depth = min(parts.depth, extent.depth)
    parts.height = min(parts.height, extent.height)
    parts.width = min(parts.width, extent.width)
  }

  private mutating func divide(by factor: Int) {
    let depth = extent.depth / parts.depth
    let height = extent.height / parts.height
    let width = extent.width / parts.width
    if height >= depth, height >= width {
      parts.height *= factor
    } else if width >= depth {
      parts.width *= factor
    } else {
      parts.depth *= factor
    }
  }

  /// The number of rectangles.
  package var count: Int { isEmpty ? 0 : parts.volume }

  /// The rectangle of an index.
  package subscript(index: Int) -> SketchBox {
    SketchBox(
      depths: part(index / parts.width / parts.height, of: parts.depth, extent.depth),
      heights: part(index / parts.width % parts.height, of: parts.height, extent.height),
      columns: part(index % parts.width, of: parts.width, extent.width))
  }

  private func part(_ index: Int, of parts: Int, _ extent: Int) -> Range<Int> {
    index * extent / parts..<(index + 1) * extent / parts
  }
}
