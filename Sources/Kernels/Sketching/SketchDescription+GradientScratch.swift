import KernelInterface

extension SketchDescription {
  /// The bytes of scratch that reading a sketch takes.
  ///
  /// These are the compressed output gradients of a group of samples, about two megabytes, and for
  /// each thread a padded part of an output gradient or a tile of probes. Where weights are few, it is
  /// half a megabyte of compressed output gradients for each thread, and the weight gradients of up to
  /// eight parts of the batch. With a bucket for every pixel or a mask, instead or before, the rebuilt
  /// inputs of a group of samples and what the exact gradient takes; with
  /// probes over channels, sums of output gradients over the samples: a megabyte, or the map of one
  /// sample if that is larger.
  ///
  /// - Parameters:
  ///   - geometry: The convolution.
  ///   - threadCount: The engine's number of threads.
  /// - Returns: The bytes; the same for every instruction set.
  public func gradientScratchByteCount(
    for geometry: ConvolutionGeometry, threadCount: Int
  ) -> Int {
    if estimator.mixesChannels {
      return MultichannelPlan(self, geometry).gradientScratchByteCount
    }
    let plan = SketchPlan(self, geometry)
    let sketched = SketchScratch(self, plan, threadCount: threadCount).gradientByteCount
    guard let rebuilt = RebuiltInputPlan(self, plan, threadCount: threadCount) else {
      return sketched
    }
    let exact = rebuilt.groupSizes.map { size in
      rebuilt.geometry(sampleCount: size)
        .scratchByteCount(.backwardWeights, threadCount: threadCount)
    }
    let whole = rebuilt.count * MemoryLayout<Float>.size + (exact.max() ?? 0)
    return rebuilt.holdsSketch ? whole : max(whole, sketched)
  }
}
