import KernelInterface

extension Engine {
  /// Writes x > 0 ? x : slope·x, and NaN for NaN; a slope of 0 is ReLU, others are leaky ReLU.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: `count` elements.
  ///   - output: `count` elements; may be the input.
  ///   - count: The number of elements.
  ///   - negativeSlope: The slope; not negative, so that the output has the input's signs.
  ///   - mask: If given, ⌈count/8⌉ bytes, which take the bits of `packSigns` in the same pass.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func rectify(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int,
    negativeSlope: Float, mask: UnsafeMutablePointer<UInt8>? = nil,
    sketching: SampleSketching? = nil
  ) {
    forEachRange(of: count, sketching: sketching) { range in
      let start = range.lowerBound
      unsafe kernels.rectify(
        input + start, into: output + start, count: range.count, negativeSlope: negativeSlope,
        mask: mask.map { unsafe $0 + start / 8 })
    }
  }

  /// The gradient of a rectifier from its output: the derivative is 1 where the output is above 0,
  /// the slope elsewhere.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - output: `count` elements that the rectifier wrote.
  ///   - outputGradient: `count` elements.
  ///   - inputGradient: `count` elements; may be the output's gradient unless accumulating.
  ///   - count: The number of elements.
  ///   - negativeSlope: The slope; not negative.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func rectifyBackward(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.rectifyBackward(
        output: output + start, outputGradient: outputGradient + start,
        inputGradient: inputGradient + start, count: range.count, negativeSlope: negativeSlope,
        accumulate: accumulate)
    }
  }

  /// The gradient of a rectifier from the signs of its input: the derivative is 1 where the mask is
  /// set, the slope elsewhere.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - mask: ⌈count/8⌉ bytes that `packSigns` or `rectify` wrote.
  ///   - outputGradient: `count` elements.
  ///   - inputGradient: `count` elements; may be the output's gradient unless accumulating.
  ///   - count: The number of elements.
  ///   - negativeSlope: The slope.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func rectifyBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.rectifyBackward(
        mask: mask + start / 8, outputGradient: outputGradient + start,
        inputGradient: inputGradient + start, count: range.count, negativeSlope: negativeSlope,
        accumulate: accumulate)
    }
  }

  /// Packs one bit an element: bit i % 8 of byte i / 8 is set where element i is above 0.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - values: `count` elements.
  ///   - mask: ⌈count/8⌉ bytes; bits beyond `count` become 0.
  ///   - count: The number of elements.
  public func packSigns(
    of values: UnsafePointer<Float>, into mask: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.packSigns(of: values + start, into: mask + start / 8, count: range.count)
    }
  }
}
