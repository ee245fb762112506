import Kernels
import Networks

/// What a representation promises of gradients, against those from whole values.
private enum Promise {
  /// The same bits.
  case exact
  /// A relative distance of at most so much.
  case near(Double)
  /// Right on average over draws of its random numbers.
  case unbiased
}

extension OperationCheck {
  /// Every accepted representation of every residual, one at a time beside whole ones.
  func representations() throws {
    let harness = try harness()
    let gradient = outputGradient(harness)
    harness.backward(outputGradient: gradient)
    let (exact, bits) = (harness.gradients, harness.gradientBits)
    let needs = operation.residualNeeds(for: harness.everything)
    for (position, need) in needs.enumerated() {
      let shape: Shape
      switch need.source {
      case .input(let index): shape = inputs[index]
      case .output: shape = harness.shapes.output
      case .own: continue
      }
      for kind in Set(need.accepted) {
        for (representation, promise) in try examples(of: kind, shape) {
          func run(seed: UInt64) {
            var representations = needs.map { _ in Representation.whole }
            representations[position] = representation
            harness.backward(
              outputGradient: gradient, seed: seed, representations: representations)
            expect(!harness.overran, "\(representation): wrote beside its memory")
          }
          run(seed: 1)
          let error = relativeDistance(harness.gradients, exact)
          switch promise {
          case .exact:
            expect(harness.gradientBits == bits, "\(representation): differs by \(error)")
          case .near(let distance):
            expect(error <= distance, "\(representation): differs by \(error)")
          case .unbiased:
            expectUnbiased(harness, exact, "\(representation)", run: run)
          }
        }
      }
    }
  }

  /// The mean of many draws errs as little as independent draws with the right mean do.
  private func expectUnbiased(
    _ harness: OperationHarness, _ exact: [[Float]], _ name: String, run: (UInt64) -> Void
  ) {
    let drawCount = 64
    var sums = exact.map { [Double](repeating: 0, count: $0.count) }
    var squares = 0.0
    let norm = exact.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
    for draw in 0..<drawCount {
      run(UInt64(draw))
      let error = relativeDistance(harness.gradients, exact)
      squares += error * error * norm / Double(drawCount)
      for (index, tensor) in harness.gradients.enumerated() {
        for (element, value) in tensor.enumerated() {
          sums[index][element] += Double(value) / Double(drawCount)
        }
      }
    }
    let ofMean = zip(sums.joined(), exact.joined()).reduce(0.0) {
      $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
    }
    // Few dimensions count, so that the error of the mean spreads widely around its expectation.
    expect(
      squares > 0 && ofMean <= 6 * squares / Double(drawCount),
      "\(name): the mean of \(drawCount) draws errs by \(ofMean), one draw by \(squares)")
  }

  /// Representations of a kind, with what each promises.
  private func examples(
    of kind: Representation.Kind, _ shape: Shape
  ) throws -> [(Representation, Promise)] {
    func fold(_ size: Int) throws -> Representation {
      .sketch(try SketchDescription(estimator: .fold, size: size, seed: 0, deflation: .none))
    }
    switch kind {
    // Rebuilt or read back, and found whole.
    case .whole, .spilled: return [(.whole, .exact)]
    case .signMask: return [(.signMask, .exact)]
    case .quantized:
      return [
        (.quantized(Quantization(bits: .eight, seed: 1)), .near(0.02)),
        (.quantized(Quantization(bits: .four, seed: 1)), .near(0.3)),
      ]
    case .sketch:
      // A bucket for every pixel loses nothing but the order of sums.
      return [(try fold(shape.pixelCount), .near(1e-5))]
        + (shape.pixelCount > 8 ? [(try fold(shape.pixelCount / 4), .unbiased)] : [])
    }
  }
}
