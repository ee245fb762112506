import Kernels

extension BatchNormalization {
  /// The partial sums that the reductions work in.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    Engine.batchNormalizationScratchByteCount(
      rows: rowCount(shapes), channels: shapes.output.channels, threadCount: threadCount)
  }

  /// Normalises with the statistics of the batch in training, with the running ones in inference.
  public func forward(_ pass: ForwardPass) {
    let rows = unsafe rowCount(pass.shapes)
    let channels = unsafe pass.shapes.output.channels
    let statistics = unsafe pass.residuals[0].unwrapped.assumingMemoryBound(to: Float.self)
    let mean = unsafe statistics
    let inverseDeviation = unsafe statistics + channels
    switch unsafe pass.mode {
    case .training:
      unsafe pass.engine.batchNormalizationStatistics(
        input: pass.inputs[0], rows: rows, channels: channels, epsilon: epsilon, mean: mean,
        inverseDeviation: inverseDeviation, scratch: pass.scratch)
      if let updated = unsafe pass.newRunningStatistics {
        unsafe pass.engine.updateRunningStatistics(
          mean: mean, inverseDeviation: inverseDeviation, rows: rows, channels: channels,
          epsilon: epsilon, momentum: momentum, oldMean: pass.runningStatistics[0],
          oldVariance: pass.runningStatistics[1], newMean: updated[0], newVariance: updated[1])
      }
    case .inference:
      unsafe pass.engine.batchNormalizationRunningStatistics(
        runningMean: pass.runningStatistics[0], runningVariance: pass.runningStatistics[1],
        channels: channels, epsilon: epsilon, mean: mean, inverseDeviation: inverseDeviation)
    }
    unsafe pass.engine.batchNormalizationApply(
      input: pass.inputs[0], mean: mean, inverseDeviation: inverseDeviation,
      gamma: pass.parameters[0], beta: pass.parameters[1], output: pass.output.unwrapped,
      rows: rows, channels: channels)
  }

  /// Computes the gradients of scale, offset and input.
  public func backward(_ pass: BackwardPass) {
    let channels = unsafe pass.shapes.output.channels
    let mean = unsafe pass.residuals[1].floats
    let destination = unsafe pass.inputGradients[0]
    unsafe pass.engine.batchNormalizationBackward(
      input: pass.residuals[0].floats, mean: mean, inverseDeviation: mean + channels,
      gamma: pass.parameters[0], outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination?.memory, gammaGradient: pass.parameterGradients[0],
      betaGradient: pass.parameterGradients[1], rows: rowCount(pass.shapes), channels: channels,
      training: true, accumulate: destination?.accumulate ?? false,
      accumulateParameters: pass.accumulatesParameterGradients, scratch: pass.scratch)
  }

  private func rowCount(_ shapes: NodeShapes) -> Int {
    shapes.batchSize * shapes.output.pixelCount
  }
}
