import Kernels

extension Convolution {
  /// The forward pass: a part of the output is rectified while it is still in a core's cache.
  public func fusesRectifier(for demand: GradientDemand) -> Set<PassKind> { [.forward] }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Convolves the input with the weights and adds the bias.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.convolve(
      geometry(pass.shapes), input: pass.inputs[0], weights: pass.parameters[0],
      bias: hasBias ? pass.parameters[1] : nil, output: pass.output.unwrapped,
      negativeSlope: pass.rectifierSlope, mask: pass.signMask, sketching: pass.sketching,
      scratch: pass.scratch)
  }

  /// Computes the gradients of weights, bias and input.
  public func backward(_ pass: BackwardPass) {
    let geometry = geometry(pass.shapes)
    let outputGradient = unsafe pass.outputGradient.unwrapped
    if let weightGradient = unsafe pass.parameterGradients[0] {
      unsafe backwardWeights(pass, geometry, into: weightGradient)
    } else if hasBias, let biasGradient = unsafe pass.parameterGradients[1] {
      unsafe pass.engine.channelSums(
        of: outputGradient, rows: pass.shapes.batchSize * pass.shapes.output.pixelCount,
        channels: outputChannels, into: biasGradient,
        accumulate: pass.accumulatesParameterGradients, scratch: pass.scratch)
    }
    if let destination = pass.inputGradients[0] {
      unsafe pass.engine.convolveBackwardData(
        geometry, outputGradient: outputGradient, weights: pass.parameters[0],
        inputGradient: destination.memory, accumulate: destination.accumulate,
        scratch: pass.scratch)
    }
  }

  /// Computes the gradient of the weights, and with it that of the bias.
  private func backwardWeights(
    _ pass: BackwardPass, _ geometry: ConvolutionGeometry,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    let outputGradient = unsafe pass.outputGradient.unwrapped
    let residual = pass.residual(.input(0))
    let biasGradient = unsafe hasBias ? pass.parameterGradients[1] : nil
    switch residual.representation {
    case .sketch(let description):
      unsafe pass.engine.sketchedBackwardWeights(
        description.seeded(residual.seed), geometry, stored: residual.memory,
        outputGradient: outputGradient, weightGradient: weightGradient,
        biasGradient: biasGradient, mask: residual.mask,
        accumulate: pass.accumulatesParameterGradients, scratch: pass.scratch)
    default:
      unsafe pass.engine.convolveBackwardWeights(
        geometry, input: residual.floats, outputGradient: outputGradient,
        weightGradient: weightGradient, biasGradient: biasGradient,
        accumulate: pass.accumulatesParameterGradients, scratch: pass.scratch)
    }
  }
}
