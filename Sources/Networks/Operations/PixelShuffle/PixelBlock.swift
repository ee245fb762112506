import Kernels

/// The block of pixels that the channels of one pixel become, or come from.
struct PixelBlock {
  /// The pixels along each axis.
  let factors: [Int]
  /// The pixels of a block.
  let volume: Int

  /// The block for an input.
  ///
  /// - Throws: `ShapeError` if the input is a vector, or a factor out of range.
  init(_ factor: AxisValues, input: Shape) throws(ShapeError) {
    guard !input.spatial.isEmpty else {
      throw ShapeError("a pixel shuffle needs an input with spatial axes, not a vector")
    }
    factors = try factor.expanded(axes: input.spatial.count, of: "factor")
    // Three such factors, and their products with extents, are far from overflowing.
    guard factors.allSatisfy({ 1...1 << 16 ~= $0 }) else {
      throw ShapeError(
        "its factors must be from 1 to \(1 << 16), not "
          + factors.map(String.init).joined(separator: ", "))
    }
    volume = factors.reduce(1, *)
  }

  /// What the engine works with.
  static func geometry(coarse: Shape, fine: Shape, batchSize: Int) -> PixelShuffleGeometry {
    PixelShuffleGeometry(
      batchSize: batchSize, fineChannels: fine.channels,
      coarseExtent: Extent3(coarse.spatial, fill: 1),
      factor: Extent3(zip(fine.spatial, coarse.spatial).map { $0 / $1 }, fill: 1))
  }
}
