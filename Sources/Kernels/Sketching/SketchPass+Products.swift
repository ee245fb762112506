import KernelInterface

/// The products of sketches of inputs and of output gradients.
extension SketchPass {
  /// The input channels of a product that is done at a time.
  private static var productInputs: Int { 32 }

  private var isDepthwise: Bool {
    geometry.groupInputChannels == 1 && geometry.groupOutputChannels == 1
  }

  private var productsPerGroup: Int {
    (geometry.groupInputChannels + Self.productInputs - 1) / Self.productInputs
  }

  /// The parts of the weight gradient whose products are computed each by itself.
  private var productCount: Int {
    geometry.kernelExtent.volume * (isDepthwise ? 1 : productsPerGroup * geometry.groups)
  }

  /// Adds to the weight gradient what a group of samples contributes, on all threads.
  func addProducts(
    _ sketches: UnsafePointer<Float>, sampleCount: Int,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    engine.pool.parallel(taskCount: productCount) { index, _ in
      unsafe addProduct(index, sketches, sampleCount: sampleCount, into: weightGradient)
    }
  }

  /// The same on the calling thread.
  private func addAllProducts(
    _ sketches: UnsafePointer<Float>, sampleCount: Int,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<productCount {
      unsafe addProduct(index, sketches, sampleCount: sampleCount, into: weightGradient)
    }
  }

  private func addProduct(
    _ index: Int, _ sketches: UnsafePointer<Float>, sampleCount: Int,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    let compressed = unsafe scratch + parts.compressedStart
    let (inputs, outputs) = (geometry.inputChannels, geometry.outputChannels)
    let (groupInputs, groupOutputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    let tapCount = plan.groupSize * plan.compressedCount
    if isDepthwise {
      unsafe kernels.addColumnProducts(
        sketches, compressed + index * tapCount, into: weightGradient + index * outputs,
        rows: sampleCount * plan.rowCount, columns: outputs)
      return
    }
    let productsPerTap = productsPerGroup * geometry.groups
    let tap = index / productsPerTap
    let group = index % productsPerTap / productsPerGroup
    let input = index % productsPerGroup * Self.productInputs
    let output = group * groupOutputs
    unsafe kernels.addTransposedProduct(
      TransposedProduct(
        rows: min(Self.productInputs, groupInputs - input), columns: groupOutputs,
        length: sampleCount * plan.rowCount,
        left: sketches + (group * groupInputs + input), leftStep: inputs,
        right: compressed + (tap * tapCount + output), rightStep: outputs,
        result: weightGradient + ((tap * groupInputs + input) * outputs + output),
        resultStep: outputs))
  }
}

// MARK: - Parts of the batch

extension SketchPass {
  /// The same pass with what a worker has for itself.
  private func ofWorker(_ worker: Int) -> SketchPass {
    var pass = self
    pass.parts = parts.ofWorker(worker)
    return pass
  }

  /// Adds the gradients of all samples, each task those of a part of the batch, to both gradients.
  ///
  /// A task folds a few samples and multiplies them at once, into gradients of its own; these are
  /// summed up in their order when all are done.
  func addGradients(
    ofParts copies: TapFoldPlan, _ outputGradient: UnsafePointer<Float>,
    stored: UnsafeRawPointer, to weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?
  ) {
    let partials = unsafe scratch + parts.partialStart
    let (weightCount, outputs) = (geometry.weightCount, geometry.outputChannels)
    engine.pool.parallel(taskCount: plan.partCount) { part, worker in
      let own = ofWorker(worker)
      let partial = unsafe partials + part * plan.partialCount
      unsafe partial.update(repeating: 0, count: plan.partialCount)
      let whole = plan.samples(ofPart: part)
      for first in stride(from: whole.lowerBound, to: whole.upperBound, by: plan.groupSize) {
        let samples = first..<min(first + plan.groupSize, whole.upperBound)
        for index in 0..<samples.count * copies.blockCount {
          unsafe own.fold(
            index, copies, outputGradient, samples: samples, worker: worker, stored: stored)
        }
        unsafe own.addAllProducts(
          own.sketches(of: samples, stored: stored), sampleCount: samples.count, into: partial)
        unsafe kernels.addRows(
          own.biasSums(member: 0), rows: samples.count, columns: outputs,
          to: partial + weightCount)
      }
    }
    unsafe engine.sumGradients(
      ofParts: partials, count: plan.partCount, distance: plan.partialCount, geometry,
      weightGradient: weightGradient, biasGradient: biasGradient, accumulate: true)
  }
}
