import KernelInterface

extension Engine {
  /// Estimates the weight gradient of a convolution from the sketch of its input; allocates nothing.
  ///
  /// For each tap of the kernel the output gradient is compressed by the same probes, shifted by the
  /// tap with zeros beyond the map; the products of both sketches sum up to the gradient on average.
  ///
  /// - Parameters:
  ///   - description: The sketch, as it was made.
  ///   - geometry: The convolution.
  ///   - stored: What `sketch(_:_:input:into:scratch:)` stored.
  ///   - outputGradient: The gradient of the loss with respect to the convolution's output: batch,
  ///     depth, height, width, channels.
  ///   - weightGradient: The result: kernel depth, height and width, input channels of a group,
  ///     output channels.
  ///   - accumulate: Whether to add to `weightGradient` instead of overwriting it.
  ///   - scratch: `description.gradientScratchByteCount(for:threadCount:)` bytes, aligned to 64.
  public func sketchedBackwardWeights(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    unsafe sketchedBackwardWeights(
      description, geometry, stored: stored, outputGradient: outputGradient,
      weightGradient: weightGradient, accumulate: accumulate, scratch: scratch, probes: .drawn)
  }

  package func sketchedBackwardWeights(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutableRawPointer, probes: SketchProbes
  ) {
    let plan = SketchPlan(description, geometry)
    let taps = geometry.kernelExtent.volume
    let probeTile = unsafe scratch.assumingMemoryBound(to: Float.self)
    let compressed = unsafe probeTile + plan.tilePixelCount * description.size
    if !accumulate {
      let count = taps * geometry.inputChannels / geometry.groups * geometry.outputChannels
      unsafe weightGradient.update(repeating: 0, count: count)
    }
    for firstSample in stride(from: 0, to: geometry.batchSize, by: plan.groupSize) {
      let samples = firstSample..<min(firstSample + plan.groupSize, geometry.batchSize)
      for index in 0..<plan.tileCount {
        let tile = plan.tile(index)
        unsafe writeProbes(description, of: tile, from: probes, to: probeTile)
        pool.parallel(taskCount: samples.count * taps) { task, _ in
          let (member, tap) = (task / taps, task % taps)
          let target =
            unsafe compressed
            + (tap * plan.groupSize + member) * plan.compressedCount
          if index == 0 { unsafe target.update(repeating: 0, count: plan.compressedCount) }
          let sampleCount = geometry.outputExtent.volume * geometry.outputChannels
          unsafe compress(
            outputGradient + (samples.lowerBound + member) * sampleCount, plan, tap: tap,
            tile: tile, probes: probeTile, into: target)
        }
      }
      let sketchCount = plan.rowCount * geometry.inputChannels
      unsafe addProducts(
        plan, stored.assumingMemoryBound(to: Float.self) + samples.lowerBound * sketchCount,
        compressed, sampleCount: samples.count, into: weightGradient)
    }
  }

  /// Adds the products of a tile's probes, shifted by a tap, with a sample's output gradient.
  private func compress(
    _ outputGradient: UnsafePointer<Float>, _ plan: SketchPlan, tap: Int, tile: SketchTile,
    probes: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let geometry = plan.geometry
    for window in SketchWindows(plan, tap: tap, tile: tile) {
      var product = unsafe TransposedProduct(
        rows: plan.rowCount, columns: geometry.outputChannels, length: window.columnCount,
        left: probes + window.tilePixel * plan.rowCount,
        leftStep: geometry.stride.width * plan.rowCount,
        right: outputGradient + window.outputPixel * geometry.outputChannels,
        rightStep: geometry.outputChannels,
        result: target, resultStep: geometry.outputChannels)
      product.runs = window.rowCount
      product.leftRunStep = geometry.stride.height * tile.columns.count * plan.rowCount
      product.rightRunStep = geometry.outputExtent.width * geometry.outputChannels
      kernels.addTransposedProduct(product)
    }
  }

  /// Adds to the weight gradient what a group of samples contributes.
  private func addProducts(
    _ plan: SketchPlan, _ sketches: UnsafePointer<Float>, _ compressed: UnsafePointer<Float>,
    sampleCount: Int, into weightGradient: UnsafeMutablePointer<Float>
  ) {
    let geometry = plan.geometry
    let (inputs, outputs) = (geometry.inputChannels, geometry.outputChannels)
    let groupInputs = inputs / geometry.groups
    let groupOutputs = outputs / geometry.groups
    let tapCount = plan.groupSize * plan.compressedCount
    if groupInputs == 1, groupOutputs == 1 {
      pool.parallel(taskCount: geometry.kernelExtent.volume) { tap, _ in
        unsafe kernels.addColumnProducts(
          sketches, compressed + tap * tapCount, into: weightGradient + tap * outputs,
          rows: sampleCount * plan.rowCount, columns: outputs)
      }
      return
    }
    let taskInputs = 32
    let tasksPerGroup = (groupInputs + taskInputs - 1) / taskInputs
    let tasksPerTap = tasksPerGroup * geometry.groups
    pool.parallel(taskCount: geometry.kernelExtent.volume * tasksPerTap) { task, _ in
      let tap = task / tasksPerTap
      let group = task % tasksPerTap / tasksPerGroup
      let input = task % tasksPerGroup * taskInputs
      let output = group * groupOutputs
      unsafe kernels.addTransposedProduct(
        TransposedProduct(
          rows: min(taskInputs, groupInputs - input), columns: groupOutputs,
          length: sampleCount * plan.rowCount,
          left: sketches + (group * groupInputs + input), leftStep: inputs,
          right: compressed + (tap * tapCount + output), rightStep: outputs,
          result: weightGradient + ((tap * groupInputs + input) * outputs + output),
          resultStep: outputs))
    }
  }
}
