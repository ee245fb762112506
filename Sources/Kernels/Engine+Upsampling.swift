import KernelInterface

extension Engine {
  /// Makes every pixel a block of equal pixels.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - input: (batch, depth, height, width, channels).
  ///   - output: The same with every extent times its factor; must not overlap the input.
  public func upsample(
    _ geometry: UpsamplingGeometry, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let elements = geometry.outputLineElements * geometry.linesPerLine
    forEachRows(geometry.inputLines, elements: elements) { lines in
      unsafe kernels.upsample(geometry, inputLines: lines, input: input, output: output)
    }
  }

  /// The gradient of upsampling: the sum over each pixel's block.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - outputGradient: The output's elements.
  ///   - inputGradient: The input's elements; must not overlap the output's gradient.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func upsampleBackward(
    _ geometry: UpsamplingGeometry, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let elements = geometry.outputLineElements * geometry.linesPerLine
    forEachRows(geometry.inputLines, elements: elements) { lines in
      unsafe kernels.upsampleBackward(
        geometry, inputLines: lines, outputGradient: outputGradient,
        inputGradient: inputGradient, accumulate: accumulate)
    }
  }
}
