import KernelInterface

/// The sizes of a pixel shuffle: a fine map, of which each block of pixels is one pixel of a coarse map
/// with as many times the channels.
///
/// Maps are laid out (batch, depth, height, width, channels), channels innermost. The coarse map has
/// for each fine channel the pixels of the block in row-major order, as PyTorch has.
public struct PixelShuffleGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The channels of the fine map.
  public let fineChannels: Int
  /// The size of the coarse map.
  public let coarseExtent: Extent3
  /// The pixels of a block along each axis.
  public let factor: Extent3

  /// Creates a geometry; all numbers but the batch size must be at least 1.
  public init(batchSize: Int, fineChannels: Int, coarseExtent: Extent3, factor: Extent3) {
    precondition(
      min(fineChannels, factor.depth, factor.height, factor.width) >= 1,
      "a pixel shuffle needs channels and factors of at least 1")
    self.batchSize = batchSize
    self.fineChannels = fineChannels
    self.coarseExtent = coarseExtent
    self.factor = factor
  }

  /// The channels of the coarse map.
  var coarseChannels: Int { fineChannels * factor.volume }

  /// The lines of the coarse map, over all samples.
  var coarseLines: Int { batchSize * coarseExtent.depth * coarseExtent.height }

  /// Calls `body` for each pixel of the fine map under a line of the coarse map: with the first of its
  /// channels in either map, which in the coarse map lie `factor.volume` apart.
  @inline(__always)
  func forEachPixel(underLine line: Int, _ body: (_ fine: Int, _ coarse: Int) -> Void) {
    let (slice, y) = line.quotientAndRemainder(dividingBy: coarseExtent.height)
    let fineWidth = coarseExtent.width * factor.width
    for block in 0..<factor.depth * factor.height {
      let (down, across) = block.quotientAndRemainder(dividingBy: factor.height)
      let fineSlice = slice * factor.depth + down
      let fineLine = (fineSlice * coarseExtent.height + y) * factor.height + across
      for x in 0..<fineWidth {
        let (coarseX, beside) = x.quotientAndRemainder(dividingBy: factor.width)
        let pixel = line * coarseExtent.width + coarseX
        body(
          (fineLine * fineWidth + x) * fineChannels,
          pixel * coarseChannels + block * factor.width + beside)
      }
    }
  }
}
