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
    if !accumulate {
      unsafe weightGradient.update(repeating: 0, count: geometry.weightCount)
    }
    if description.estimator.mixesChannels {
      let pass = unsafe MultichannelPass(self, description, geometry, scratch: scratch)
      unsafe pass.addWeightGradient(
        stored.assumingMemoryBound(to: Float.self), outputGradient, into: weightGradient)
      return
    }
    let pass = unsafe SketchPass(self, description, geometry, scratch: scratch, probes: probes)
    for first in stride(from: 0, to: geometry.batchSize, by: pass.plan.groupSize) {
      let samples = first..<min(first + pass.plan.groupSize, geometry.batchSize)
      unsafe pass.compressGradient(outputGradient, samples: samples, stored: stored)
      let sketches = unsafe pass.sketches(of: samples, stored: stored)
      unsafe pass.addProducts(sketches, sampleCount: samples.count, into: weightGradient)
    }
  }
}

extension SketchPass {
  /// The sketches of a group of samples as floats: as stored, or as decoded.
  fileprivate func sketches(
    of samples: Range<Int>, stored: UnsafeRawPointer
  ) -> UnsafePointer<Float> {
    description.storage == .float32
      ? unsafe stored.assumingMemoryBound(to: Float.self)
        + samples.lowerBound * plan.sketchCount
      : unsafe UnsafePointer(scratch + parts.stagingStart)
  }

  /// Decodes the sketch of a sample to its place in scratch.
  func decode(sample: Int, member: Int, stored: UnsafeRawPointer) {
    let channels = geometry.inputChannels
    let target = unsafe scratch + (parts.stagingStart + member * plan.sketchCount)
    let scales = unsafe stored + sample * layout.scalesStride
    let bytes = unsafe stored + (layout.rowsStart + sample * layout.rowsStride)
    unsafe kernels.decodeRows(
      bytes.assumingMemoryBound(to: UInt8.self),
      scales: scales.assumingMemoryBound(to: UInt16.self), rows: plan.sketchRows,
      columns: channels, bits: description.storage.bits, into: target)
    let halves = unsafe (stored + (layout.meansStart + sample * layout.meansStride))
      .assumingMemoryBound(to: UInt16.self)
    for index in 0..<plan.boxes.count * channels {
      unsafe target[plan.sketchRows * channels + index] = Float(
        bitPattern: UInt32(halves[index]) << 16)
    }
  }

  /// Adds to the weight gradient what a group of samples contributes.
  fileprivate func addProducts(
    _ sketches: UnsafePointer<Float>, sampleCount: Int,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    let compressed = unsafe scratch + parts.compressedStart
    let (inputs, outputs) = (geometry.inputChannels, geometry.outputChannels)
    let (groupInputs, groupOutputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    let taps = geometry.kernelExtent.volume
    let tapCount = plan.groupSize * plan.compressedCount
    if groupInputs == 1, groupOutputs == 1 {
      engine.pool.parallel(taskCount: taps) { tap, _ in
        unsafe kernels.addColumnProducts(
          sketches, compressed + tap * tapCount, into: weightGradient + tap * outputs,
          rows: sampleCount * plan.rowCount, columns: outputs)
      }
      return
    }
    let taskInputs = 32
    let tasksPerGroup = (groupInputs + taskInputs - 1) / taskInputs
    let tasksPerTap = tasksPerGroup * geometry.groups
    engine.pool.parallel(taskCount: taps * tasksPerTap) { task, _ in
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
