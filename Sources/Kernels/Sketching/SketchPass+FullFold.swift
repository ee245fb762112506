import KernelInterface

/// The gradient from a fold that has a bucket for every pixel; see `FullFoldPlan`.
///
/// With S_c[n] = s_n (x[n] − x̄_t) and w_t = n_t x̄_t − Σ_n s_n S_c[n], both as they were rounded, the
/// estimate Σ_n s_n S_c[n] y[n] + Σ_t w_t/n_t Σ_n y[n] is the exact gradient of the input
/// s_n S_c[n] + w_t/n_t.
extension SketchPass {
  func addFullGradient(
    _ full: FullFoldPlan, stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    accumulate: Bool
  ) {
    let sampleCount = geometry.outputExtent.volume * geometry.outputChannels
    for samples in full.groups {
      engine.pool.parallel(taskCount: samples.count) { member, worker in
        unsafe rebuild(
          full, sample: samples.lowerBound + member, worker: worker, stored: stored,
          into: scratch + member * full.mapCount)
      }
      unsafe engine.convolveBackwardWeights(
        full.geometry(sampleCount: samples.count), input: scratch,
        outputGradient: outputGradient + samples.lowerBound * sampleCount,
        weightGradient: weightGradient, biasGradient: biasGradient,
        accumulate: accumulate || samples.lowerBound > 0, scratch: scratch + full.count)
    }
  }

  /// Rebuilds the input of a sample.
  private func rebuild(
    _ full: FullFoldPlan, sample: Int, worker: Int, stored: UnsafeRawPointer,
    into map: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.inputChannels
    let signs = unsafe scratch + (full.workerStart + worker * full.workerStride)
    let means = unsafe signs + full.meanStart
    unsafe writeProbes(first: 0, count: plan.pixelCount, sample: sample, to: signs)
    unsafe decodeRows(of: sample, stored: stored, into: map)
    unsafe decodeMeans(of: sample, stored: stored, into: means)
    guard plan.boxes.count > 0 else {
      unsafe kernels.restoreRows(
        map, signs: signs, rows: plan.pixelCount, columns: channels, adding: nil)
      return
    }
    let extent = geometry.inputExtent
    for index in 0..<plan.boxes.count {
      let box = plan.boxes[index]
      let mean = unsafe means + index * channels
      for channel in 0..<channels { unsafe mean[channel] /= Float(box.pixelCount) }
      for depth in box.depths {
        for height in box.heights {
          let pixel = (depth * extent.height + height) * extent.width + box.columns.lowerBound
          unsafe kernels.restoreRows(
            map + pixel * channels, signs: signs + pixel, rows: box.columns.count,
            columns: channels, adding: UnsafePointer(mean))
        }
      }
    }
  }
}
