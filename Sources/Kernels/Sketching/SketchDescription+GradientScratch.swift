import KernelInterface

extension SketchDescription {
  /// The bytes of scratch that reading a sketch takes.
  ///
  /// These are the compressed output gradients of a group of samples, about two megabytes, and for
  /// each thread a padded part of an output gradient or a tile of probes. With a bucket for every
  /// pixel, instead, the rebuilt inputs of a group of samples and what the exact gradient takes; with
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
    guard let full = FullFoldPlan(self, plan, threadCount: threadCount) else {
      return SketchScratch(self, plan, threadCount: threadCount).gradientByteCount
    }
    let exact = full.groups.map { samples in
      full.geometry(sampleCount: samples.count)
        .scratchByteCount(.backwardWeights, threadCount: threadCount)
    }
    return full.count * MemoryLayout<Float>.size + (exact.max() ?? 0)
  }
}
