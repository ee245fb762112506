import KernelInterface

extension NativeKernels: RectifierKernels {
  @inline(never)
  package func rectify(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    negativeSlope: Float
  ) {
    let slope = NegativeSlope(negativeSlope)
    forEachLanes(count) { index, lanes in
      let x = unsafe input.loadLanes(index, lanes)
      // Asked this way round, a NaN stays a NaN.
      let negative = x .<= Lanes(repeating: 0)
      unsafe output.storeLanes(
        x.replacing(with: slope.times(x), where: negative), index, lanes)
    }
  }

  @inline(never)
  package func rectifyBackward(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    let slope = NegativeSlope(negativeSlope)
    forEachLanes(count) { index, lanes in
      let gradient = unsafe outputGradient.loadLanes(index, lanes)
      let positive = unsafe output.loadLanes(index, lanes) .> Lanes(repeating: 0)
      unsafe inputGradient.storeLanes(
        slope.times(gradient).replacing(with: gradient, where: positive),
        index, lanes, accumulate: accumulate)
    }
  }

  @inline(never)
  package func rectifyBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    let slope = NegativeSlope(negativeSlope)
    forEachLanes(count) { index, lanes in
      let byte = index &>> 3
      let bits =
        lanes > 8
        ? unsafe UnsafeRawPointer(mask + byte).loadUnaligned(as: UInt16.self)
        : unsafe UInt16(mask[byte])
      let gradient = unsafe outputGradient.loadLanes(index, lanes)
      unsafe inputGradient.storeLanes(
        slope.times(gradient)
          .replacing(with: gradient, where: SignMask.lanes(of: bits)),
        index, lanes, accumulate: accumulate)
    }
  }

  @inline(never)
  package func packSigns(
    of values: UnsafePointer<Float>, into mask: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      let bits = unsafe SignMask.bits(
        of: values.loadLanes(index, lanes) .> Lanes(repeating: 0))
      let byte = index &>> 3
      if lanes > 8 {
        unsafe UnsafeMutableRawPointer(mask + byte).storeBytes(of: bits, as: UInt16.self)
      } else {
        unsafe mask[byte] = UInt8(truncatingIfNeeded: bits)
      }
    }
  }
}

/// The product with the slope of a rectifier, where a slope of 0 gives 0 whatever the value: a plain
/// product would turn infinities into NaN.
private struct NegativeSlope {
  let slope: Lanes
  let isZero: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  init(_ slope: Float) {
    self.slope = Lanes(repeating: slope)
    isZero = self.slope .== Lanes(repeating: 0)
  }

  @inline(__always)
  func times(_ values: Lanes) -> Lanes {
    (values * slope).replacing(with: Lanes(repeating: 0), where: isZero)
  }
}
