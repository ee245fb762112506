import KernelInterface

extension NativeKernels: ActivationKernels {
  @inline(never)
  package func activate(
    _ function: ActivationFunction, _ input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, mask: UnsafeMutablePointer<UInt8>?
  ) {
    unsafe function.withElementFunction(Activating(input: input, output: output, count: count))
    guard let mask = unsafe mask, let clipping = function.clipping else { return }
    unsafe packInside(clipping.lower, clipping.upper, of: output, into: mask, count: count)
  }

  @inline(never)
  package func activateBackward(
    _ function: ActivationFunction, residual: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, count: Int,
    accumulate: Bool
  ) {
    unsafe function.withElementFunction(
      Differentiating(
        residual: residual, outputGradient: outputGradient, inputGradient: inputGradient,
        count: count, accumulate: accumulate))
  }

  @inline(never)
  package func maskedBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, factor: Float, accumulate: Bool
  ) {
    let zero = Lanes(repeating: 0)
    forEachLanes(count) { index, lanes in
      let gradient = unsafe outputGradient.loadLanes(index, lanes) * factor
      let isSet = unsafe mask.loadSigns(index, lanes)
      unsafe inputGradient.storeLanes(
        zero.replacing(with: gradient, where: isSet), index, lanes, accumulate: accumulate)
    }
  }

  @inline(never)
  package func packInside(
    _ lower: Float, _ upper: Float, of values: UnsafePointer<Float>,
    into mask: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    forEachLanes(count) { index, lanes in
      let bits = unsafe SignMask.bits(
        of: isInside(values.loadLanes(index, lanes), lower: lower, upper: upper))
      // The zeros behind the last value may lie inside.
      unsafe mask.storeBits(bits & (UInt16.max &>> UInt16(16 &- lanes)), index, lanes)
    }
  }

  @inline(never)
  package func rectify(
    _ input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      forEachLanes(columns) { column, lanes in
        let index = row &* columns &+ column
        let x = unsafe input.loadLanes(index, lanes)
        let scaled = unsafe x * slopes.loadLanes(column, lanes)
        // Asked this way round, a NaN stays a NaN.
        unsafe output.storeLanes(
          x.replacing(with: scaled, where: x .<= Lanes(repeating: 0)), index, lanes)
      }
    }
  }

  @inline(never)
  package func rectifyBackward(
    _ input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, accumulate: Bool
  ) {
    for row in 0..<rows {
      forEachLanes(columns) { column, lanes in
        let index = row &* columns &+ column
        let gradient = unsafe outputGradient.loadLanes(index, lanes)
        let scaled = unsafe gradient * slopes.loadLanes(column, lanes)
        let isPositive = unsafe input.loadLanes(index, lanes) .> Lanes(repeating: 0)
        unsafe inputGradient.storeLanes(
          scaled.replacing(with: gradient, where: isPositive), index, lanes,
          accumulate: accumulate)
      }
    }
  }

  @inline(never)
  package func rectifierSlopeSums(
    _ input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    @inline(__always)
    func addSlopes(_ column: Int, _ lanes: Int) {
      var sum = Lanes(repeating: 0)
      for row in 0..<rows {
        let index = row &* columns &+ column
        let x = unsafe input.loadLanes(index, lanes)
        let gradient = unsafe outputGradient.loadLanes(index, lanes)
        sum += (x * gradient)
          .replacing(with: Lanes(repeating: 0), where: x .> Lanes(repeating: 0))
      }
      unsafe sums.storeLanes(sum, column, lanes, accumulate: true)
    }
    forEachLanes(columns, addSlopes)
  }
}

/// Takes a function of an array.
@safe private struct Activating: ElementFunctionUse {
  let input: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>
  let count: Int

  @inline(__always)
  func apply(_ function: some ElementFunction) {
    forEachLanesAlike(count) { index, lanes in
      let values = unsafe function.values(input.loadLanes(index, lanes))
      unsafe output.storeLanes(values, index, lanes)
    }
  }
}

/// Multiplies gradients by the derivatives of a function.
@safe private struct Differentiating: ElementFunctionUse {
  let residual: UnsafePointer<Float>
  let outputGradient: UnsafePointer<Float>
  let inputGradient: UnsafeMutablePointer<Float>
  let count: Int
  let accumulate: Bool

  @inline(__always)
  func apply(_ function: some ElementFunction) {
    forEachLanesAlike(count) { index, lanes in
      let gradient = unsafe function.gradient(
        outputGradient.loadLanes(index, lanes), residual.loadLanes(index, lanes))
      unsafe inputGradient.storeLanes(gradient, index, lanes, accumulate: accumulate)
    }
  }
}
