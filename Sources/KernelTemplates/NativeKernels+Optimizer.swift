import KernelInterface

extension NativeKernels: OptimizerKernels {
  @inline(never)
  package func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>?, count: Int, _ factors: MomentumFactors
  ) {
    forEachLanes(count) { index, lanes in
      let parameter = unsafe parameters.loadLanes(index, lanes)
      let gradient =
        unsafe gradients.loadLanes(index, lanes) + factors.weightDecay * parameter
      var step = gradient
      if let velocity = unsafe velocity {
        let speed =
          unsafe factors.momentum * velocity.loadLanes(index, lanes)
          + factors.gradientShare * gradient
        unsafe velocity.storeLanes(speed, index, lanes)
        step = factors.looksAhead ? gradient + factors.momentum * speed : speed
      }
      unsafe parameters.storeLanes(parameter - factors.learningRate * step, index, lanes)
    }
  }

  @inline(never)
  package func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    largest: UnsafeMutablePointer<Float>?, count: Int, _ factors: AdamFactors
  ) {
    forEachLanes(count) { index, lanes in
      let parameter = unsafe parameters.loadLanes(index, lanes)
      let gradient =
        unsafe gradients.loadLanes(index, lanes) + factors.weightDecay * parameter
      let mean =
        unsafe factors.firstDecay * first.loadLanes(index, lanes) + factors.firstShare * gradient
      var square =
        unsafe factors.secondDecay * second.loadLanes(index, lanes)
        + factors.secondShare * (gradient * gradient)
      unsafe first.storeLanes(mean, index, lanes)
      unsafe second.storeLanes(square, index, lanes)
      if let largest = unsafe largest {
        let former = unsafe largest.loadLanes(index, lanes)
        square.replace(with: former, where: former .> square)
        unsafe largest.storeLanes(square, index, lanes)
      }
      let divisor = square.root * factors.rootFactor + factors.epsilon
      unsafe parameters.storeLanes(
        factors.parameterShare * parameter - factors.stepSize * mean / divisor, index, lanes)
    }
  }

  @inline(never)
  package func rmsPropStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    square: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>?,
    velocity: UnsafeMutablePointer<Float>?, count: Int, _ factors: RMSPropFactors
  ) {
    forEachLanes(count) { index, lanes in
      let parameter = unsafe parameters.loadLanes(index, lanes)
      let gradient =
        unsafe gradients.loadLanes(index, lanes) + factors.weightDecay * parameter
      var spread =
        unsafe factors.decay * square.loadLanes(index, lanes)
        + factors.share * (gradient * gradient)
      unsafe square.storeLanes(spread, index, lanes)
      if let mean = unsafe mean {
        let average =
          unsafe factors.decay * mean.loadLanes(index, lanes) + factors.share * gradient
        unsafe mean.storeLanes(average, index, lanes)
        // A variance that rounding makes negative is none.
        spread -= average * average
        spread.replace(with: 0, where: spread .< 0)
      }
      let divisor = (spread + factors.innerEpsilon).root + factors.outerEpsilon
      var step = factors.stepSize * (gradient / divisor)
      if let velocity = unsafe velocity {
        step += unsafe factors.momentum * velocity.loadLanes(index, lanes)
        unsafe velocity.storeLanes(step, index, lanes)
      }
      unsafe parameters.storeLanes(parameter - factors.velocitySize * step, index, lanes)
    }
  }

  @inline(never)
  package func moveAverage(
    _ average: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>, count: Int,
    decay: Float, share: Float
  ) {
    @inline(__always)
    func move(_ index: Int, _ lanes: Int) {
      let moved =
        unsafe decay * average.loadLanes(index, lanes) + share * values.loadLanes(index, lanes)
      unsafe average.storeLanes(moved, index, lanes)
    }
    forEachLanes(count, move)
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
