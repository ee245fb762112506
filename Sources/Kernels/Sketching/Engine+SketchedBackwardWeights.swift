import KernelInterface

extension Engine {
  /// Estimates the weight gradient of a convolution from the sketch of its input, and computes the
  /// gradient of its bias; allocates nothing.
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
  ///   - biasGradient: Receives one float an output channel, or none. It is exact.
  ///   - mask: For a description that uses a mask, the signs of the input as `packSigns` writes them.
  ///   - accumulate: Whether to add to what stands in both gradients instead of overwriting it.
  ///   - scratch: `description.gradientScratchByteCount(for:threadCount:)` bytes, aligned to 64.
  public func sketchedBackwardWeights(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    mask: UnsafePointer<UInt8>? = nil, accumulate: Bool, scratch: UnsafeMutableRawPointer
  ) {
    unsafe sketchedBackwardWeights(
      description, geometry, stored: stored, outputGradient: outputGradient,
      weightGradient: weightGradient, biasGradient: biasGradient, mask: mask,
      accumulate: accumulate, scratch: scratch, probes: .drawn)
  }

  package func sketchedBackwardWeights(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    stored: UnsafeRawPointer, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    mask: UnsafePointer<UInt8>? = nil, accumulate: Bool, scratch: UnsafeMutableRawPointer,
    probes: SketchProbes
  ) {
    unsafe precondition(
      (mask != nil) == description.usesMask, "a mask is given if and only if the sketch uses one")
    let plan = SketchPlan(description, geometry)
    var accumulate = accumulate
    var biasGradient = unsafe biasGradient
    if let rebuilt = RebuiltInputPlan(description, plan, threadCount: threadCount) {
      let pass = unsafe SketchPass(self, description, geometry, scratch: scratch, probes: probes)
      unsafe pass.addRebuiltGradient(
        rebuilt, stored: stored, outputGradient: outputGradient, weightGradient: weightGradient,
        biasGradient: biasGradient, mask: mask, accumulate: accumulate)
      if rebuilt.holdsSketch { return }
      accumulate = true
      unsafe biasGradient = nil
    }
    if !accumulate {
      unsafe weightGradient.update(repeating: 0, count: geometry.weightCount)
      unsafe biasGradient?.update(repeating: 0, count: geometry.outputChannels)
    }
    if description.estimator.mixesChannels {
      let pass = unsafe MultichannelPass(self, description, geometry, scratch: scratch)
      unsafe pass.addWeightGradient(
        stored.assumingMemoryBound(to: Float.self), outputGradient, into: weightGradient)
      if let biasGradient = unsafe biasGradient {
        unsafe pass.addBiasGradient(outputGradient, into: biasGradient)
      }
      return
    }
    let pass = unsafe SketchPass(self, description, geometry, scratch: scratch, probes: probes)
    let copies = TapFoldPlan(description, geometry)
    if let copies { pass.prepare(copies) }
    if let copies, pass.plan.partCount > 1 {
      unsafe pass.addGradients(
        ofParts: copies, outputGradient, stored: stored, to: weightGradient,
        biasGradient: biasGradient)
      return
    }
    for first in stride(from: 0, to: geometry.batchSize, by: pass.plan.groupSize) {
      let samples = first..<min(first + pass.plan.groupSize, geometry.batchSize)
      if let copies {
        unsafe pass.foldGradient(copies, outputGradient, samples: samples, stored: stored)
      } else {
        unsafe pass.compressGradient(outputGradient, samples: samples, stored: stored)
      }
      let sketches = unsafe pass.sketches(of: samples, stored: stored)
      unsafe pass.addProducts(sketches, sampleCount: samples.count, into: weightGradient)
      guard let biasGradient = unsafe biasGradient else { continue }
      if copies == nil { unsafe pass.sumGradient(outputGradient, samples: samples) }
      unsafe kernels.addRows(
        pass.biasSums(member: 0), rows: samples.count, columns: geometry.outputChannels,
        to: biasGradient)
    }
  }
}

extension SketchPass {
  /// The sketches of a group of samples as floats: as stored, or as decoded.
  func sketches(
    of samples: Range<Int>, stored: UnsafeRawPointer
  ) -> UnsafePointer<Float> {
    description.storage == .float32
      ? unsafe stored.assumingMemoryBound(to: Float.self)
        + samples.lowerBound * plan.sketchCount
      : unsafe UnsafePointer(scratch + parts.stagingStart)
  }

  /// Decodes the sketch of a sample to its place in scratch.
  func decode(sample: Int, member: Int, stored: UnsafeRawPointer) {
    let target = unsafe scratch + (parts.stagingStart + member * plan.sketchCount)
    unsafe decodeRows(of: sample, stored: stored, into: target)
    unsafe decodeMeans(
      of: sample, stored: stored, into: target + plan.sketchRows * geometry.inputChannels)
  }

  /// Decodes the rows of a sample's probes or buckets.
  func decodeRows(
    of sample: Int, stored: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let scales = unsafe stored + sample * layout.scalesStride
    let bytes = unsafe stored + (layout.rowsStart + sample * layout.rowsStride)
    unsafe kernels.decodeRows(
      bytes.assumingMemoryBound(to: UInt8.self),
      scales: scales.assumingMemoryBound(to: UInt16.self), rows: plan.sketchRows,
      columns: geometry.inputChannels, bits: description.storage.bits, into: target)
  }

  /// Decodes what is carried of a sample's means.
  func decodeMeans(
    of sample: Int, stored: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let halves = unsafe (stored + (layout.meansStart + sample * layout.meansStride))
      .assumingMemoryBound(to: UInt16.self)
    for index in 0..<plan.boxes.count * geometry.inputChannels {
      unsafe target[index] = Float(bitPattern: UInt32(halves[index]) << 16)
    }
  }
}
