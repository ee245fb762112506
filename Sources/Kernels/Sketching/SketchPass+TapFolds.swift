import KernelInterface

/// The fold of an output gradient for all taps at once, from copies among zeros; see `TapFoldPlan`.
extension SketchPass {
  /// Writes the places of pixels and taps, which all samples share, and the zeros around copies: the
  /// rows between them are all that samples write.
  func prepare(_ copies: TapFoldPlan) {
    for worker in 0..<engine.threadCount {
      unsafe (scratch + (parts.copyStart + worker * parts.copyStride))
        .update(repeating: 0, count: copies.copyCount)
    }
    unsafe copies.writePixelOffsets(to: pixelOffsets)
    unsafe copies.writeTapOffsets(to: tapOffsets)
  }

  /// Compresses the output gradients of a group of samples, and sums them over their pixels, on all
  /// threads.
  ///
  /// What is written is what `compressGradient` writes for any estimator, to the bit.
  func foldGradient(
    _ copies: TapFoldPlan, _ outputGradient: UnsafePointer<Float>, samples: Range<Int>,
    stored: UnsafeRawPointer
  ) {
    engine.pool.parallel(taskCount: samples.count * copies.blockCount) { index, worker in
      unsafe fold(
        index, copies, outputGradient, samples: samples, worker: worker, stored: stored)
    }
  }

  /// Compresses a block of channels of one of the samples, and sums it over its pixels.
  func fold(
    _ index: Int, _ copies: TapFoldPlan, _ outputGradient: UnsafePointer<Float>,
    samples: Range<Int>, worker: Int, stored: UnsafeRawPointer
  ) {
    let channels = geometry.outputChannels
    let (member, block) = (index / copies.blockCount, index % copies.blockCount)
    let columns = copies.columns(ofBlock: block)
    let gradient =
      unsafe outputGradient
      + (samples.lowerBound + member) * geometry.outputExtent.volume * channels
    let copy = unsafe scratch + (parts.copyStart + worker * parts.copyStride)
    let signs = unsafe copy + parts.copySignStart
    if block == 0 {
      unsafe prepare(outputGradient, samples: samples, member: member, worker: worker, stored)
    }
    unsafe writeProbes(
      first: 0, count: plan.pixelCount, sample: samples.lowerBound + member, to: signs)
    unsafe fill(copy, copies, from: gradient, columns: columns, member: member)
    unsafe kernels.foldTaps(
      TapFold(
        columns: columns.count, source: copy, pixelOffsets: pixelOffsets,
        pixelCount: plan.pixelCount, signs: signs, tapOffsets: tapOffsets,
        tapCount: geometry.kernelExtent.volume, bucketCount: plan.sketchRows,
        buckets: compressed(tap: 0, member: member) + columns.lowerBound,
        bucketStride: channels, tapStride: plan.groupSize * plan.compressedCount))
  }

  private var pixelOffsets: UnsafeMutablePointer<Int32> {
    unsafe UnsafeMutableRawPointer(scratch + parts.offsetStart).assumingMemoryBound(to: Int32.self)
  }

  private var tapOffsets: UnsafeMutablePointer<Int32> {
    unsafe UnsafeMutableRawPointer(scratch + parts.tapOffsetStart)
      .assumingMemoryBound(to: Int32.self)
  }

  /// Copies some channels of a sample's output gradient among zeros.
  private func fill(
    _ copy: UnsafeMutablePointer<Float>, _ copies: TapFoldPlan,
    from gradient: UnsafePointer<Float>, columns: Range<Int>, member: Int
  ) {
    let extent = geometry.outputExtent
    let channels = geometry.outputChannels
    let sums = unsafe biasSums(member: member) + columns.lowerBound
    unsafe sums.update(repeating: 0, count: columns.count)
    for row in 0..<extent.depth * extent.height {
      unsafe kernels.copyRows(
        gradient + (row * extent.width * channels + columns.lowerBound), step: channels,
        count: extent.width, columns: columns.count,
        into: copy + copies.start(ofOutputRow: row), destinationStep: copies.pitch,
        addingTo: sums)
    }
  }

  /// The sums of a sample's output gradient over its pixels.
  func biasSums(member: Int) -> UnsafeMutablePointer<Float> {
    unsafe scratch + (parts.biasStart + member * geometry.outputChannels)
  }
}
