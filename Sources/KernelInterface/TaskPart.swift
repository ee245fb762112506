/// A box of images and positions: the first of each, and how many.
package struct TaskPart {
  package var images: Int
  package var depth: Int
  package var height: Int
  package var width: Int
  package var region: MapRegion

  package init(
    _ index: Int, region size: MapRegion, counts: MapRegion,
    images imageCount: Int, depth depthCount: Int, height heightCount: Int, width widthCount: Int
  ) {
    var rest = index
    width = rest % counts.width &* size.width
    rest /= counts.width
    height = rest % counts.height &* size.height
    rest /= counts.height
    depth = rest % counts.depth &* size.depth
    rest /= counts.depth
    images = rest &* size.images
    region = MapRegion(
      images: min(size.images, imageCount &- images),
      depth: min(size.depth, depthCount &- depth),
      height: min(size.height, heightCount &- height),
      width: min(size.width, widthCount &- width))
  }
}

extension CorrelationPlan {
  /// The box of a task.
  package func part(_ task: Int) -> TaskPart {
    TaskPart(
      task, region: region, counts: regionCount, images: batchSize, depth: depth.count,
      height: height.count, width: width.count)
  }

  /// The floats of the destination that a task writes, for a pass that writes every position.
  ///
  /// They follow each other: a box fills an axis before it extends over the next one.
  package func writtenRange(ofTask task: Int) -> Range<Int> {
    let part = part(task)
    let first =
      ((part.images * depth.count + part.depth) * height.count + part.height) * width.count
      + part.width
    // A lane block is several positions.
    let step = width.outputStep * destinationChannels
    return first * step..<(first + part.region.volume) * step
  }
}
