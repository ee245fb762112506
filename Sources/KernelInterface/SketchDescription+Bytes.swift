extension SketchDescription {
  /// The bytes that the sketch of a convolution's input takes: 4 for each sample, probe and channel.
  public func byteCount(for geometry: ConvolutionGeometry) -> Int {
    geometry.batchSize * rowCount * geometry.inputChannels * MemoryLayout<Float>.size
  }

  /// The rows of a sample's sketch; a row has a number for each channel.
  package var rowCount: Int { size }
}

extension SketchDescription {
  /// The bytes of scratch that making a sketch takes: one tile of probes.
  ///
  /// - Parameters:
  ///   - geometry: The convolution.
  ///   - threadCount: The engine's number of threads.
  /// - Returns: The bytes; the same for every instruction set.
  public func sketchScratchByteCount(
    for geometry: ConvolutionGeometry, threadCount: Int
  ) -> Int {
    SketchPlan(self, geometry).tilePixelCount * size * MemoryLayout<Float>.size
  }

  /// The bytes of scratch that reading a sketch takes: a tile of probes, and the compressed output
  /// gradients of a group of samples, about a megabyte.
  ///
  /// - Parameters:
  ///   - geometry: The convolution.
  ///   - threadCount: The engine's number of threads.
  /// - Returns: The bytes; the same for every instruction set.
  public func gradientScratchByteCount(
    for geometry: ConvolutionGeometry, threadCount: Int
  ) -> Int {
    let plan = SketchPlan(self, geometry)
    let group = plan.groupSize * geometry.kernelExtent.volume * plan.compressedCount
    return (plan.tilePixelCount * size + group) * MemoryLayout<Float>.size
  }
}
