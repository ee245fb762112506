import KernelInterface

extension Engine {
  /// Makes blocks of fine pixels of the channels of coarse ones, or adds them.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - coarse: The coarse map's elements.
  ///   - fine: As many elements; must not overlap the coarse map.
  ///   - accumulate: Whether to add instead of overwriting.
  public func shufflePixels(
    _ geometry: PixelShuffleGeometry, coarse: UnsafePointer<Float>,
    into fine: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let distance = geometry.factor.volume
    forEachLine(geometry) { fineStart, coarseStart in
      let target = unsafe fine + fineStart
      for channel in 0..<geometry.fineChannels {
        let value = unsafe coarse[coarseStart + channel * distance]
        unsafe target[channel] = accumulate ? target[channel] + value : value
      }
    }
  }

  /// Gathers blocks of fine pixels in the channels of coarse ones, or adds them.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - fine: The fine map's elements.
  ///   - coarse: As many elements; must not overlap the fine map.
  ///   - accumulate: Whether to add instead of overwriting.
  public func unshufflePixels(
    _ geometry: PixelShuffleGeometry, fine: UnsafePointer<Float>,
    into coarse: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let distance = geometry.factor.volume
    forEachLine(geometry) { fineStart, coarseStart in
      let source = unsafe fine + fineStart
      for channel in 0..<geometry.fineChannels {
        let target = unsafe coarse + coarseStart + channel * distance
        let value = unsafe source[channel]
        unsafe target.pointee = accumulate ? target.pointee + value : value
      }
    }
  }

  @inline(__always)
  private func forEachLine(
    _ geometry: PixelShuffleGeometry, _ body: (_ fine: Int, _ coarse: Int) -> Void
  ) {
    let elements = geometry.coarseExtent.width * geometry.coarseChannels
    forEachRows(geometry.coarseLines, elements: elements) { lines in
      for line in lines { geometry.forEachPixel(underLine: line, body) }
    }
  }
}
