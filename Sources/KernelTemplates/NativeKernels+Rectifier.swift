import KernelInterface

extension NativeKernels: RectifierKernels {
  @inline(never)
  package func rectify(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
    negativeSlope: Float, mask: UnsafeMutablePointer<UInt8>?
  ) {
    let rectifier = Rectifier(negativeSlope)
    forEachLanes(count) { index, lanes in
      unsafe rectifier.store(
        input.loadLanes(index, lanes), into: output, mask: mask, index, lanes)
    }
  }

  @inline(never)
  package func rectifyBackward(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    let rectifier = Rectifier(negativeSlope)
    forEachLanes(count) { index, lanes in
      // The mask last: it should not live across the branches of partial loads.
      let gradient = unsafe outputGradient.loadLanes(index, lanes)
      let positive = unsafe output.loadLanes(index, lanes) .> Lanes(repeating: 0)
      unsafe inputGradient.storeLanes(
        rectifier.gradient(gradient, where: positive), index, lanes, accumulate: accumulate)
    }
  }

  @inline(never)
  package func rectifyBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, negativeSlope: Float, accumulate: Bool
  ) {
    let rectifier = Rectifier(negativeSlope)
    forEachLanes(count) { index, lanes in
      let gradient = unsafe outputGradient.loadLanes(index, lanes)
      let positive = unsafe mask.loadSigns(index, lanes)
      unsafe inputGradient.storeLanes(
        rectifier.gradient(gradient, where: positive), index, lanes, accumulate: accumulate)
    }
  }

  @inline(never)
  package func packSigns(
    of values: UnsafePointer<Float>, into mask: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      unsafe mask.storeSigns(of: values.loadLanes(index, lanes), index, lanes)
    }
  }
}
