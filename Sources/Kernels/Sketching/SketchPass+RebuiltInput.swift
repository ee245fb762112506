import KernelInterface

/// The exact gradient of what is rebuilt of an input; see `RebuiltInputPlan`.
///
/// With a bucket for every pixel, S_c[n] = s_n (x[n] − x̄_t) and w_t = n_t x̄_t − Σ_n s_n S_c[n], both as
/// they were rounded, the estimate Σ_n s_n S_c[n] y[n] + Σ_t w_t/n_t Σ_n y[n] is the exact gradient of the input
/// s_n S_c[n] + w_t/n_t.
extension SketchPass {
  func addRebuiltGradient(
    _ rebuilt: RebuiltInputPlan, stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    mask: UnsafePointer<UInt8>?, accumulate: Bool
  ) {
    let sampleCount = geometry.outputExtent.volume * geometry.outputChannels
    for samples in rebuilt.groups {
      engine.pool.parallel(taskCount: samples.count) { member, worker in
        let sample = samples.lowerBound + member
        let map = unsafe scratch + member * rebuilt.mapCount
        if rebuilt.holdsSketch {
          unsafe rebuild(rebuilt, sample: sample, worker: worker, stored: stored, into: map)
        } else {
          unsafe map.update(repeating: 0, count: rebuilt.mapCount)
        }
        guard let mask = unsafe mask else { return }
        unsafe kernels.addPositiveMeans(
          stored + (layout.positiveMeansStart + sample * layout.positiveMeansStride), mask: mask,
          firstBit: sample * rebuilt.mapCount, rows: plan.pixelCount,
          columns: geometry.inputChannels, to: map)
      }
      unsafe engine.convolveBackwardWeights(
        rebuilt.geometry(sampleCount: samples.count), input: scratch,
        outputGradient: outputGradient + samples.lowerBound * sampleCount,
        weightGradient: weightGradient, biasGradient: biasGradient,
        accumulate: accumulate || samples.lowerBound > 0, scratch: scratch + rebuilt.count)
    }
  }

  /// Rebuilds what a sketch holds of the input of a sample.
  private func rebuild(
    _ rebuilt: RebuiltInputPlan, sample: Int, worker: Int, stored: UnsafeRawPointer,
    into map: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.inputChannels
    let signs = unsafe scratch + (rebuilt.workerStart + worker * rebuilt.workerStride)
    let means = unsafe signs + rebuilt.meanStart
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
