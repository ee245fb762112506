import KernelInterface

extension Engine {
  /// Convolves an input with weights and adds the bias; allocates nothing.
  ///
  /// With a slope the output is rectified as `rectify` does, each part of it while it is still in the
  /// cache of the core that computed it.
  ///
  /// - Parameters:
  ///   - geometry: The shape of the convolution; `ConvolutionGeometry` describes the layouts.
  ///   - input: `geometry.inputCount` floats.
  ///   - weights: `geometry.weightCount` floats.
  ///   - bias: One float an output channel, or none.
  ///   - output: Receives `geometry.outputCount` floats.
  ///   - accumulate: Whether to add to what stands in `output`; without bias, rectifier and sketches.
  ///   - negativeSlope: The slope of a rectifier behind the convolution; nil for none.
  ///   - mask: With a slope, if given, ⌈outputCount/8⌉ bytes, which take the bits of `packSigns`.
  ///   - sketching: If given, it makes sketches of the samples of what is written in the same pass.
  ///   - scratch: As many bytes as `scratchByteCount(.forward, threadCount:)` says, aligned to 64.
  public func convolve(
    _ geometry: ConvolutionGeometry,
    input: UnsafePointer<Float>,
    weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?,
    output: UnsafeMutablePointer<Float>,
    accumulate: Bool = false,
    negativeSlope: Float? = nil,
    mask: UnsafeMutablePointer<UInt8>? = nil, sketching: SampleSketching? = nil,
    scratch: UnsafeMutableRawPointer
  ) {
    let plan = CorrelationPlan.forward(geometry)
    // Tasks write whole rows of channels: with a multiple of eight, no two write to the same byte.
    let finishesParts =
      unsafe plan.isFeasible && (mask == nil || geometry.outputChannels % 8 == 0)
    if plan.isFeasible {
      let kernels = kernels
      unsafe correlate(
        plan, layout: ConvolutionScratch(geometry, .forward), source: input, weights: weights,
        bias: bias, destination: output, accumulate: accumulate, scratch: scratch
      ) { task, worker in
        guard finishesParts else { return }
        let range = plan.writtenRange(ofTask: task)
        if let negativeSlope {
          let part = unsafe output + range.lowerBound
          unsafe kernels.rectify(
            part, into: part, count: range.count, negativeSlope: negativeSlope,
            mask: mask.map { unsafe $0 + range.lowerBound / 8 })
        }
        sketching?.noteWritten(range, worker: worker)
      }
    } else {
      unsafe ReferenceConvolution(geometry).forward(
        input: input, weights: weights, bias: bias, output: output, accumulate: accumulate)
    }
    guard !finishesParts, negativeSlope != nil || sketching != nil else { return }
    // A slope of 1 changes nothing.
    unsafe rectify(
      input: output, output: output, count: geometry.outputCount,
      negativeSlope: negativeSlope ?? 1, mask: mask, sketching: sketching)
  }

  /// Computes the gradient of a convolution's input from that of its output; allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The shape of the convolution; `ConvolutionGeometry` describes the layouts.
  ///   - outputGradient: `geometry.outputCount` floats.
  ///   - weights: `geometry.weightCount` floats.
  ///   - bias: One float an input channel, which is added where not accumulating, or none. A transposed
  ///     convolution is this pass, with its bias.
  ///   - inputGradient: Receives `geometry.inputCount` floats.
  ///   - accumulate: Whether to add to what stands in `inputGradient`.
  ///   - scratch: As many bytes as `scratchByteCount(.backwardData, threadCount:)` says, aligned to
  ///     64.
  public func convolveBackwardData(
    _ geometry: ConvolutionGeometry,
    outputGradient: UnsafePointer<Float>,
    weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>? = nil,
    inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    let layout = ConvolutionScratch(geometry, .backwardData)
    for phase in BackwardPhases(geometry) {
      guard CorrelationPlan.backward(geometry, phase: phase).isFeasible else {
        unsafe ReferenceConvolution(geometry).backwardData(
          outputGradient: outputGradient, weights: weights, bias: bias,
          inputGradient: inputGradient, accumulate: accumulate)
        return
      }
    }
    for phase in BackwardPhases(geometry) {
      unsafe correlate(
        .backward(geometry, phase: phase), layout: layout, source: outputGradient,
        weights: weights, bias: bias, destination: inputGradient, accumulate: accumulate,
        scratch: scratch
      ) { _, _ in }
    }
  }

  /// Runs one gathering pass: packs a slice of the weights, runs the tasks with it, and so on; with the
  /// last slice, `finish` is called when a task has written its part.
  private func correlate(
    _ plan: CorrelationPlan, layout: ConvolutionScratch, source: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutableRawPointer, finish: (_ task: Int, _ worker: Int) -> Void
  ) {
    let kernels = kernels
    if plan.isDepthwise {
      pool.parallel(taskCount: plan.taskCount) { task, worker in
        unsafe kernels.correlateDepthwise(
          plan, task: task, source: source, weights: weights, bias: bias,
          destination: destination, accumulate: accumulate)
        finish(task, worker)
      }
      return
    }
    let panels = unsafe scratch.assumingMemoryBound(to: Float.self)
    let packedBias = unsafe panels + layout.panels
    let threads = unsafe packedBias + layout.bias
    for index in 0..<plan.sliceCount {
      let slice = plan.slice(index)
      let panelsPerGroup = (slice.lanes.count + kernels.panelWidth - 1) / kernels.panelWidth
      pool.parallel(taskCount: slice.groups.count * panelsPerGroup) { panel, _ in
        unsafe kernels.packPanel(
          plan, slice: slice, panel: panel, weights: weights, bias: bias, panels: panels,
          packedBias: packedBias)
      }
      pool.parallel(taskCount: plan.taskCount) { task, worker in
        unsafe kernels.correlate(
          plan, slice: slice, task: task, source: source, panels: panels, packedBias: packedBias,
          destination: destination, accumulate: accumulate,
          scratch: threads + worker * layout.perThread)
        if index == plan.sliceCount - 1 { finish(task, worker) }
      }
    }
  }

  /// Computes the gradients of a convolution's weights and bias; allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The shape of the convolution; `ConvolutionGeometry` describes the layouts.
  ///   - input: `geometry.inputCount` floats.
  ///   - outputGradient: `geometry.outputCount` floats.
  ///   - weightGradient: Receives `geometry.weightCount` floats.
  ///   - biasGradient: Receives one float an output channel, or none.
  ///   - accumulate: Whether to add to what stands in both gradients.
  ///   - scratch: As many bytes as `scratchByteCount(.backwardWeights, threadCount:)` says, aligned
  ///     to 64.
  public func convolveBackwardWeights(
    _ geometry: ConvolutionGeometry,
    input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?,
    accumulate: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    let plan = WeightGradientPlan(geometry)
    guard plan.isFeasible else {
      unsafe ReferenceConvolution(geometry).backwardWeights(
        input: input, outputGradient: outputGradient, weightGradient: weightGradient,
        biasGradient: biasGradient, accumulate: accumulate)
      return
    }
    let layout = ConvolutionScratch(geometry, .backwardWeights)
    let kernels = kernels
    let partials = unsafe scratch.assumingMemoryBound(to: Float.self)
    let threads = unsafe partials + layout.panels + layout.bias
    let weightCount = geometry.weightCount
    let distance = weightCount + geometry.outputChannels
    let isPartial = plan.hasPartials
    pool.parallel(taskCount: plan.taskCount) { task, worker in
      let partial = unsafe partials + plan.positionPart(ofTask: task) * distance
      if plan.isDepthwise {
        unsafe kernels.correlateDepthwiseWeights(
          plan, task: task, input: input, outputGradient: outputGradient,
          weightGradient: partial, biasGradient: biasGradient == nil ? nil : partial + weightCount)
        return
      }
      unsafe kernels.correlateWeights(
        plan, task: task, input: input, outputGradient: outputGradient,
        weightGradient: isPartial ? partial : weightGradient,
        biasGradient: biasGradient.map { unsafe isPartial ? partial + weightCount : $0 },
        accumulate: accumulate && !isPartial,
        scratch: threads + worker * layout.perThread)
    }
    guard isPartial else { return }
    unsafe sumGradients(
      ofParts: partials, count: plan.positionParts, distance: distance, geometry,
      weightGradient: weightGradient, biasGradient: biasGradient, accumulate: accumulate)
  }
}
