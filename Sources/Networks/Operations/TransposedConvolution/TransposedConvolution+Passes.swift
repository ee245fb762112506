import Kernels

extension TransposedConvolution {
  /// Computes what would be the data gradient of the mirrored convolution, and adds the bias.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.convolveBackwardData(
      mirrored(pass.shapes), outputGradient: pass.inputs[0], weights: pass.parameters[0],
      bias: hasBias ? pass.parameters[1] : nil, inputGradient: pass.output.unwrapped,
      accumulate: false, scratch: pass.scratch)
  }

  /// Computes the gradients of weights, bias and input: the mirrored convolution reads the output's
  /// gradient.
  public func backward(_ pass: BackwardPass) {
    let mirrored = mirrored(pass.shapes)
    let outputGradient = unsafe pass.outputGradient.unwrapped
    if let weightGradient = unsafe pass.parameterGradients[0] {
      unsafe pass.engine.convolveBackwardWeights(
        mirrored, input: outputGradient, outputGradient: pass.residual(.input(0)).floats,
        weightGradient: weightGradient, biasGradient: nil,
        accumulate: pass.accumulatesParameterGradients, scratch: pass.scratch)
    }
    if hasBias, let biasGradient = unsafe pass.parameterGradients[1] {
      unsafe pass.engine.channelSums(
        of: outputGradient, rows: pass.shapes.outputPixelCount, channels: outputChannels,
        into: biasGradient, accumulate: pass.accumulatesParameterGradients, scratch: pass.scratch)
    }
    if let destination = pass.inputGradients[0] {
      unsafe pass.engine.convolve(
        mirrored, input: outputGradient, weights: pass.parameters[0], bias: nil,
        output: destination.memory, accumulate: destination.accumulate, scratch: pass.scratch)
    }
  }
}
