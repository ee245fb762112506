/// A box of images and positions: how much of a map is done at a time, or how many such boxes it has.
package struct MapRegion: Hashable, Sendable {
  package var images = 1
  package var depth = 1
  package var height = 1
  package var width = 1

  /// Creates a box; a single position unless said otherwise.
  package init(images: Int = 1, depth: Int = 1, height: Int = 1, width: Int = 1) {
    self.images = images
    self.depth = depth
    self.height = height
    self.width = width
  }

  package var volume: Int { images * depth * height * width }
}

extension MapRegion {
  /// A box of about `wanted` positions, filled from the innermost axis outwards, of which a map has
  /// boxes of nearly the same size.
  ///
  /// - Parameters:
  ///   - whole: The map.
  ///   - wanted: The number of positions.
  ///   - widthStep: What the width is a multiple of, unless it is the map's.
  package init(of whole: MapRegion, wanted: Int, widthStep: Int = 1) {
    var wanted = wanted
    width = evenSize(whole.width, wanted, multiple: widthStep)
    wanted /= width
    guard width == whole.width else { return }
    height = evenSize(whole.height, wanted)
    wanted /= height
    guard height == whole.height else { return }
    depth = evenSize(whole.depth, wanted)
    wanted /= depth
    guard depth == whole.depth else { return }
    images = evenSize(whole.images, wanted)
  }

  /// Halves the outermost axis that can be halved.
  package mutating func shrink() {
    if images > 1 {
      images = (images + 1) / 2
    } else if depth > 1 {
      depth = (depth + 1) / 2
    } else if height > 1 {
      height = (height + 1) / 2
    } else {
      width = (width + 1) / 2
    }
  }

  /// How many of these boxes a map has along each axis.
  package func count(in whole: MapRegion) -> MapRegion {
    MapRegion(
      images: partCount(whole.images, images), depth: partCount(whole.depth, depth),
      height: partCount(whole.height, height), width: partCount(whole.width, width))
  }
}

/// The number of parts of at most `size` that make up `count`.
func partCount(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

/// The size of parts of at most `wanted`, or `multiple` if that is more, that divide `count` as evenly
/// as whole multiples allow.
func evenSize(_ count: Int, _ wanted: Int, multiple: Int = 1) -> Int {
  let parts = partCount(count, max(wanted / multiple * multiple, multiple))
  return min(count, partCount(partCount(count, parts), multiple) * multiple)
}
