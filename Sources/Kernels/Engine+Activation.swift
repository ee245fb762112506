import KernelInterface

extension Engine {
  /// Writes the function of every element, and NaN for NaN.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - function: The function.
  ///   - input: `count` elements.
  ///   - output: `count` elements; may be the input.
  ///   - count: The number of elements.
  ///   - mask: If given, for a clipped function, ⌈count/8⌉ bytes, which take the bits of
  ///     `packMask` for the output in the same pass.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func activate(
    _ function: ActivationFunction, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, count: Int, mask: UnsafeMutablePointer<UInt8>? = nil,
    sketching: SampleSketching? = nil
  ) {
    forEachRange(of: count, sketching: sketching) { range in
      let start = range.lowerBound
      unsafe kernels.activate(
        function, input + start, into: output + start, count: range.count,
        mask: mask.map { unsafe $0 + start / 8 })
    }
  }

  /// The gradient of an activation function: that of the output times the derivative.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - function: The function.
  ///   - residual: `count` elements: what the function was taken of, or its values, whichever
  ///     `derivativeSource` names.
  ///   - outputGradient: `count` elements.
  ///   - inputGradient: `count` elements; may be the output's gradient unless accumulating.
  ///   - count: The number of elements.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func activateBackward(
    _ function: ActivationFunction, residual: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, count: Int,
    accumulate: Bool
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.activateBackward(
        function, residual: residual + start, outputGradient: outputGradient + start,
        inputGradient: inputGradient + start, count: range.count, accumulate: accumulate)
    }
  }

  /// The gradient of a clipped function from a mask: `derivative` times that of the output where the
  /// mask is set, 0 elsewhere.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - mask: ⌈count/8⌉ bytes that `packMask` or `activate` wrote.
  ///   - derivative: The derivative where the mask is set.
  ///   - outputGradient: `count` elements.
  ///   - inputGradient: `count` elements; may be the output's gradient unless accumulating.
  ///   - count: The number of elements.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func clippedBackward(
    mask: UnsafePointer<UInt8>, derivative: Float, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.maskedBackward(
        mask: mask + start / 8, outputGradient: outputGradient + start,
        inputGradient: inputGradient + start, count: range.count, factor: derivative,
        accumulate: accumulate)
    }
  }

  /// Packs one bit an element, set where the mask's question is answered yes.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - content: The question.
  ///   - values: `count` elements.
  ///   - mask: ⌈count/8⌉ bytes; bits beyond `count` become 0.
  ///   - count: The number of elements.
  public func packMask(
    _ content: MaskContent, of values: UnsafePointer<Float>,
    into mask: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    switch content {
    case .positive: unsafe packSigns(of: values, into: mask, count: count)
    case .between(let lower, let upper):
      forEachRange(of: count) { range in
        let start = range.lowerBound
        unsafe kernels.packInside(
          lower, upper, of: values + start, into: mask + start / 8, count: range.count)
      }
    }
  }
}
