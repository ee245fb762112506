import KernelInterface

extension NativeKernels: OptimizerKernels {
  @inline(never)
  package func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Float, momentum: Float, weightDecay: Float
  ) {
    forEachLanes(count) { index, lanes in
      let parameter = unsafe parameters.loadLanes(index, lanes)
      let gradient = unsafe gradients.loadLanes(index, lanes) + weightDecay * parameter
      let speed = unsafe momentum * velocity.loadLanes(index, lanes) + gradient
      unsafe velocity.storeLanes(speed, index, lanes)
      unsafe parameters.storeLanes(parameter - learningRate * speed, index, lanes)
    }
  }

  @inline(never)
  package func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int,
    _ factors: AdamFactors
  ) {
    forEachLanes(count) { index, lanes in
      let parameter = unsafe parameters.loadLanes(index, lanes)
      let gradient =
        unsafe gradients.loadLanes(index, lanes) + factors.weightDecay * parameter
      let mean =
        unsafe factors.firstDecay * first.loadLanes(index, lanes) + factors.firstShare * gradient
      let square =
        unsafe factors.secondDecay * second.loadLanes(index, lanes)
        + factors.secondShare * (gradient * gradient)
      unsafe first.storeLanes(mean, index, lanes)
      unsafe second.storeLanes(square, index, lanes)
      let divisor = square.root * factors.rootFactor + factors.epsilon
      unsafe parameters.storeLanes(
        parameter - factors.stepSize * mean / divisor, index, lanes)
    }
  }
}

extension Lanes {
  /// The square roots of numbers that are not negative, to a rounding; 0 gives about 1e-20.
  ///
  /// `squareRoot()` calls the mathematics library for each element. Half the exponent is right
  /// within 3.5 %, and each of Newton's steps squares the error.
  @inline(__always)
  fileprivate var root: Lanes {
    let bits = unsafe unsafeBitCast(self, to: SIMD16<UInt32>.self)
    var root = unsafe unsafeBitCast((bits &>> 1) &+ 0x1FBD_1DF5, to: Lanes.self)
    for _ in 0..<3 { root = 0.5 * (root + self / root) }
    return root
  }
}
