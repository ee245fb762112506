import CProcessorFeatures
import KernelInterface

/// A map that a convolution reads: (image, depth, height, width, channels).
@unsafe struct SourceMap {
  let base: UnsafePointer<Float>
  let extent: Extent3
  let channels: Int
  /// All floats of the map; vectors must not be loaded beyond them.
  let count: Int

  init(_ base: UnsafePointer<Float>, batchSize: Int, extent: Extent3, channels: Int) {
    unsafe self.base = base
    unsafe self.extent = extent
    unsafe self.channels = channels
    unsafe count = batchSize &* extent.volume &* channels
  }

  func offset(image: Int, depth: Int, height: Int, width: Int) -> Int {
    unsafe (((image &* extent.depth &+ depth) &* extent.height &+ height) &* extent.width &+ width)
      &* channels
  }
}

/// A box of a source map, in place or packed: where its first number lies, and the strides.
@unsafe struct SourceBox {
  var base: UnsafePointer<Float>
  var imageStride: Int
  var planeStride: Int
  var rowStride: Int
  var pixelStride: Int
}

/// The part of a source map that is packed: some images, a box of positions, a block of channels.
struct SourceSelection {
  var firstImage: Int
  var images: Int
  /// The first position along each axis; it may lie outside the map.
  var depth: Int
  var height: Int
  var width: Int
  var extent: Extent3
  var firstChannel: Int
  var channels: Int
}

extension SourceMap {
  /// The box that begins at a position, read in place.
  @inline(__always)
  func box(_ selection: SourceSelection) -> SourceBox {
    let start = unsafe offset(
      image: selection.firstImage, depth: selection.depth, height: selection.height,
      width: selection.width)
    return unsafe SourceBox(
      base: base + start + selection.firstChannel,
      imageStride: extent.volume &* channels,
      planeStride: extent.height &* extent.width &* channels,
      rowStride: extent.width &* channels,
      pixelStride: channels)
  }

  /// Copies a box, with zeros for what lies outside the map.
  ///
  /// The copy is written from front to back, a vector at a time: what a vector writes beyond its
  /// channels is written over by the next, so `target` must have room for one vector more.
  func pack(_ selection: SourceSelection, into target: UnsafeMutablePointer<Float>) -> SourceBox {
    let box = selection.extent
    let pixel = selection.channels
    var row = unsafe target
    for image in 0..<selection.images {
      for plane in 0..<box.depth {
        let depth = selection.depth &+ plane
        for line in 0..<box.height {
          let height = selection.height &+ line
          let isInside =
            unsafe depth >= 0 && depth < extent.depth && height >= 0 && height < extent.height
          let first = isInside ? min(max(0, -selection.width), box.width) : box.width
          let end =
            unsafe isInside ? max(first, min(box.width, extent.width - selection.width)) : first
          unsafe clear(row, first &* pixel)
          if first < end {
            let start = unsafe offset(
              image: selection.firstImage &+ image, depth: depth, height: height,
              width: selection.width &+ first)
            unsafe copy(
              from: start &+ selection.firstChannel, pixels: end &- first, pixel: pixel,
              to: row + first &* pixel)
          }
          unsafe clear(row + end &* pixel, (box.width &- end) &* pixel)
          unsafe row += box.width &* pixel
        }
      }
    }
    return unsafe SourceBox(
      base: UnsafePointer(target),
      imageStride: box.volume &* pixel,
      planeStride: box.height &* box.width &* pixel,
      rowStride: box.width &* pixel,
      pixelStride: pixel)
  }

  /// Copies the channels of neighbouring pixels, so that no channels of others lie between.
  @inline(__always)
  private func copy(
    from start: Int, pixels: Int, pixel: Int, to target: UnsafeMutablePointer<Float>
  ) {
    if unsafe pixel == channels {
      unsafe copyRun(from: start, count: pixels &* pixel, to: target)
      return
    }
    // Pixels of whole vectors: numbers of vectors that are known here need no loop within.
    let lanes = NativeVector.scalarCount
    switch pixel {
    case lanes: unsafe copyVectors(1, from: start, pixels: pixels, to: target)
    case 2 &* lanes: unsafe copyVectors(2, from: start, pixels: pixels, to: target)
    case 4 &* lanes: unsafe copyVectors(4, from: start, pixels: pixels, to: target)
    case 8 &* lanes: unsafe copyVectors(8, from: start, pixels: pixels, to: target)
    case ..<lanes: unsafe copyParts(1, from: start, pixels: pixels, pixel: pixel, to: target)
    case ..<(2 &* lanes):
      unsafe copyParts(2, from: start, pixels: pixels, pixel: pixel, to: target)
    default:
      for index in 0..<pixels {
        unsafe copyRun(
          from: start &+ index &* channels, count: pixel, to: target + index &* pixel)
      }
    }
  }

  /// The pixels before which their lines are asked for: some channels of many are no stream that the
  /// processor would see.
  static let pixelsAhead = 24

  /// Copies `vectors` whole vectors of neighbouring pixels.
  @inline(__always)
  private func copyVectors(
    _ vectors: Int, from start: Int, pixels: Int, to target: UnsafeMutablePointer<Float>
  ) {
    var from = unsafe base + start
    var to = unsafe target
    let ahead = unsafe SourceMap.pixelsAhead &* channels
    for _ in 0..<pixels {
      for vector in 0..<vectors {
        let index = vector &* NativeVector.scalarCount
        if unsafe index % TileOperands.floatsPerLine == 0 {
          unsafe tidemark_prefetch(from + ahead + index)
        }
        unsafe storeVector(loadVector(from, index), to, index)
      }
      unsafe from += channels
      unsafe to += vectors &* NativeVector.scalarCount
    }
  }

  /// Copies less than `vectors` vectors of neighbouring pixels, whole vectors of each where the map has
  /// them: what one writes too much, the next writes over.
  @inline(__always)
  private func copyParts(
    _ vectors: Int, from start: Int, pixels: Int, pixel: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    let room = unsafe count &- vectors &* NativeVector.scalarCount &- start
    let whole = unsafe room < 0 ? 0 : min(pixels, room / channels &+ 1)
    var from = unsafe base + start
    var to = unsafe target
    for _ in 0..<whole {
      for vector in 0..<vectors {
        let index = vector &* NativeVector.scalarCount
        unsafe storeVector(loadVector(from, index), to, index)
      }
      unsafe from += channels
      unsafe to += pixel
    }
    for index in whole..<pixels {
      unsafe copyRun(
        from: start &+ index &* channels, count: pixel, to: target + index &* pixel)
    }
  }

  /// Copies `count` floats, and up to a vector more.
  @inline(__always)
  private func copyRun(from start: Int, count: Int, to target: UnsafeMutablePointer<Float>) {
    let lanes = NativeVector.scalarCount
    let whole = unsafe min(count &+ lanes &- 1, self.count &- start) / lanes &* lanes
    var index = 0
    while index < whole {
      unsafe storeVector(loadVector(base, start &+ index), target, index)
      index &+= lanes
    }
    while index < count {
      unsafe target[index] = base[start &+ index]
      index &+= 1
    }
  }

  /// Clears `count` floats, and up to a vector more.
  @inline(__always)
  private func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index < count {
      unsafe storeVector(.zero, target, index)
      index &+= NativeVector.scalarCount
    }
  }
}
