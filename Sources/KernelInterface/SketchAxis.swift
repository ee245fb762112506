/// One axis of a convolution, for loops over the taps of its kernel.
package struct SketchAxis: Hashable, Sendable {
  package let inputCount: Int
  package let outputCount: Int
  package let stride: Int
  package let paddingBefore: Int
  package let dilation: Int

  /// The input position that an output position reads through a tap: below zero or beyond the map
  /// in the padding.
  package func input(ofOutput output: Int, tap: Int) -> Int {
    output * stride - paddingBefore + tap * dilation
  }

  /// The output positions that read, through a tap, an input position of a range.
  package func outputs(reading inputs: Range<Int>, tap: Int) -> Range<Int> {
    let shift = paddingBefore - tap * dilation
    let start = min(max(0, ceilingDivision(inputs.lowerBound + shift)), outputCount)
    let end = min(max(start, ceilingDivision(inputs.upperBound + shift)), outputCount)
    return start..<end
  }

  private func ceilingDivision(_ value: Int) -> Int {
    // Swift's division rounds towards zero: up, for negative values.
    value > 0 ? (value + stride - 1) / stride : value / stride
  }
}

extension ConvolutionGeometry {
  package var depthAxis: SketchAxis {
    SketchAxis(
      inputCount: inputExtent.depth, outputCount: outputExtent.depth, stride: stride.depth,
      paddingBefore: paddingBefore.depth, dilation: dilation.depth)
  }

  package var heightAxis: SketchAxis {
    SketchAxis(
      inputCount: inputExtent.height, outputCount: outputExtent.height, stride: stride.height,
      paddingBefore: paddingBefore.height, dilation: dilation.height)
  }

  package var widthAxis: SketchAxis {
    SketchAxis(
      inputCount: inputExtent.width, outputCount: outputExtent.width, stride: stride.width,
      paddingBefore: paddingBefore.width, dilation: dilation.width)
  }
}
