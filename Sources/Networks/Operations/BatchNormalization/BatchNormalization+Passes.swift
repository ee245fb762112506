import Kernels

extension BatchNormalization {
  /// The partial sums that the reductions work in.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    Engine.batchNormalizationScratchBytes(
      rows: rowCount(shapes), channels: shapes.output.channels, threadCount: threadCount)
  }

  /// Both passes: the backward one tells the rectifier's side from the input, which it reads anyway.
  public func fusesRectifier(for demand: GradientDemand) -> Set<PassKind> {
    readsInput(for: demand) ? [.forward, .backward] : [.forward]
  }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Normalises with the statistics of the batch in training, with the running ones in inference.
  public func forward(_ pass: ForwardPass) {
    let rows = rowCount(pass.shapes)
    let channels = pass.shapes.output.channels
    let engine = pass.engine
    let running = unsafe pass.runningStatistics
    let mean = unsafe pass.residuals[0].unwrapped.assumingMemoryBound(to: Float.self)
    let variance = unsafe mean + channels
    if pass.mode == .training && !isFrozen {
      unsafe engine.batchNormalizationStatistics(
        input: pass.inputs[0], rows: rows, channels: channels, mean: mean, variance: variance,
        scratch: pass.scratch)
    } else {
      unsafe engine.copy(running[0], into: mean, count: channels)
      unsafe engine.copy(running[1], into: variance, count: channels)
    }
    if let updated = unsafe pass.newRunningStatistics {
      unsafe engine.copy(running[0], into: updated[0], count: channels)
      unsafe engine.copy(running[1], into: updated[1], count: channels)
      if !isFrozen {
        unsafe engine.updateRunningStatistics(
          mean: mean, variance: variance, rows: rows, channels: channels, momentum: momentum,
          runningMean: updated[0], runningVariance: updated[1])
      }
    }
    unsafe engine.batchNormalizationApply(
      input: pass.inputs[0], mean: mean, variance: variance, epsilon: epsilon,
      gamma: pass.parameters[0], beta: pass.parameters[1], output: pass.output.unwrapped,
      rows: rows, channels: channels, negativeSlope: pass.rectifierSlope, mask: pass.signMask,
      sketching: pass.sketching, scratch: pass.scratch)
  }

  /// Computes the gradients of scale, offset and input.
  public func backward(_ pass: BackwardPass) {
    let channels = pass.shapes.output.channels
    let mean = unsafe pass.residual(.own(0)).floats
    let destination = pass.inputGradients[0]
    guard readsInput(for: pass.demand) else {
      guard let destination else { return }
      unsafe pass.engine.fixedNormalizationBackward(
        mean: mean, variance: mean + channels, epsilon: epsilon, gamma: pass.parameters[0],
        beta: pass.parameters[1], outputGradient: pass.outputGradient.unwrapped,
        inputGradient: destination.memory, rows: rowCount(pass.shapes), channels: channels,
        accumulate: destination.accumulate, scratch: pass.scratch)
      return
    }
    unsafe pass.engine.batchNormalizationBackward(
      input: pass.residual(.input(0)).floats, mean: mean, variance: mean + channels,
      epsilon: epsilon,
      gamma: pass.parameters[0], beta: pass.parameters[1],
      outputGradient: pass.outputGradient.unwrapped, negativeSlope: pass.rectifierSlope,
      inputGradient: destination?.memory, gammaGradient: pass.parameterGradients[0],
      betaGradient: pass.parameterGradients[1], rows: rowCount(pass.shapes), channels: channels,
      training: !isFrozen, accumulate: destination?.accumulate ?? false,
      accumulateParameters: pass.accumulatesParameterGradients, scratch: pass.scratch)
  }

  /// Whether the backward pass reads the input: the gradient of the scale does, and that of the input
  /// where the statistics are those of the batch.
  func readsInput(for demand: GradientDemand) -> Bool { !isFrozen || !demand.parameters.isEmpty }

  private func rowCount(_ shapes: NodeShapes) -> Int {
    shapes.batchSize * shapes.output.pixelCount
  }
}
