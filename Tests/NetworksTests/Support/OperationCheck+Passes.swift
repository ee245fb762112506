import Networks
import TestSupport

extension OperationCheck {
  /// A gradient is the same whichever others are wanted, and what is not wanted is not computed.
  func demands() throws {
    let harness = try harness()
    let gradient = outputGradient(harness)
    harness.backward(outputGradient: gradient)
    let (inputs, parameters) = (harness.inputGradients, harness.parameterGradients)
    let everything = harness.everything
    let demands =
      everything.inputs.map { GradientDemand(inputs: [$0], parameters: []) }
      + everything.parameters.map { GradientDemand(inputs: [], parameters: [$0]) } + [
        GradientDemand(inputs: everything.inputs, parameters: []),
        GradientDemand(inputs: [], parameters: everything.parameters),
      ]
    for demand in Set(demands) where !demand.isEmpty {
      harness.backward(outputGradient: gradient, demand: demand)
      expect(!harness.overran, "\(demand): wrote beside its memory")
      for index in demand.inputs {
        let error = relativeDistance([harness.inputGradients[index]], [inputs[index]])
        expect(error < 1e-6, "\(demand): the gradient of input \(index) differs by \(error)")
      }
      for index in demand.parameters {
        let error = relativeDistance([harness.parameterGradients[index]], [parameters[index]])
        expect(error < 1e-6, "\(demand): the gradient of parameter \(index) differs by \(error)")
      }
    }
  }

  /// Gradients are added to those that are there.
  func accumulation() throws {
    let harness = try harness()
    let gradient = outputGradient(harness)
    harness.backward(outputGradient: gradient)
    let expected = harness.gradients.map { $0.map { $0 + 1 } }
    harness.backward(outputGradient: gradient, accumulate: true)
    for (index, pair) in zip(harness.gradients, expected).enumerated() {
      let error = relativeDistance([pair.0], [pair.1])
      expect(error < 1e-6, "added to 1, gradient \(index) differs by \(error)")
    }
  }

  /// Taking over memory where that is allowed changes no bit.
  func takingOver() throws {
    let apart = try harness()
    let gradient = outputGradient(apart)
    apart.backward(outputGradient: gradient)
    let shapes = apart.shapes
    let mayTakeOver = Set(
      operation.outputMayOverwrite(shapes)
        + operation.ownResiduals(shapes).compactMap(\.mayOverwriteInput))
    for index in mayTakeOver {
      let harness = try harness(overwriting: index)
      expect(!harness.overran, "in place of input \(index): wrote beside its memory")
      harness.backward(outputGradient: gradient)
      expect(
        harness.resultBits == apart.resultBits && harness.residuals == apart.residuals,
        "in place of input \(index): other bits")
    }
    let room: Int
    switch operation.inputGradientMayOverwrite(shapes) {
    case .none: return
    case .outputGradient: room = shapes.outputElementCount
    case .ownResidual(let index): room = operation.ownResiduals(shapes)[index].byteCount / 4
    }
    let harness = try harness()
    for index in inputs.indices where apart.inputs[index].count == room {
      harness.backward(outputGradient: gradient, overwriting: index)
      expect(
        harness.resultBits == apart.resultBits,
        "gradient of input \(index) in the memory that it may take over: other bits")
    }
  }

  /// Gradients are slopes: along random directions, against central differences.
  func slopes() throws {
    let harness = try harness()
    let gradient = outputGradient(harness)
    harness.backward(outputGradient: gradient)
    let (inputs, parameters) = (harness.inputGradients, harness.parameterGradients)
    let outputs = zip(harness.output, gradient).map { Double($0) * Double($1) }
    let noise = outputs.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    var numbers = TestRandom(seed: Self.seed + 2)
    for (index, slope) in inputs.enumerated() where harness.everything.inputs.contains(index) {
      try checkSlope(slope, noise, "input \(index)", harness, gradient, &numbers, \.inputs[index])
    }
    for (index, slope) in parameters.enumerated() {
      try checkSlope(
        slope, noise, "parameter \(index)", harness, gradient, &numbers, \.parameters[index])
    }
  }

  private func checkSlope(
    _ slope: [Float], _ noise: Double, _ name: String, _ harness: OperationHarness,
    _ gradient: [Float], _ numbers: inout TestRandom,
    _ variable: ReferenceWritableKeyPath<OperationHarness, [Float]>
  ) throws {
    /// Far from all kinks, and far above the rounding of outputs.
    let distance: Float = 0x1p-10
    let start = harness[keyPath: variable]
    let norm = slope.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    func value(_ direction: [Float], _ distance: Float) -> Double {
      harness[keyPath: variable] = zip(start, direction).map { $0 + distance * $1 }
      harness.forward()
      if operation.isLoss { return Double(harness.report.loss) }
      return zip(harness.output, gradient).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for _ in 0..<3 {
      let direction = start.map { _ in Bool.random(using: &numbers) ? Float(1) : -1 }
      let measured =
        (value(direction, distance) - value(direction, -distance)) / Double(2 * distance)
      let expected = zip(slope, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      expect(
        abs(measured - expected) <= 0.01 * norm + 1e-3 * (1 + noise),
        "\(name): the slope is \(measured), the gradient says \(expected)")
    }
    harness[keyPath: variable] = start
    harness.forward()
  }
}
