// This file is the code of Documentation/Extending.md, to the letter; `ReadmeTests` compares the two.
import Testing
import Tidemark

/// y = max(0, x)² of every element.
struct SquaredReLU: NetworkOperation {
  /// Layers without a name are numbered after it, as in `squaredrelu1`.
  var kind: String { "squaredrelu" }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard let input = inputs.first, inputs.count == 1 else {
      throw ShapeError("\(kind) reads one value, not \(inputs.count)")
    }
    return input
  }

  /// A comparison and a product for each element.
  func forwardFLOPs(_ shapes: NodeShapes) -> Int { 2 * shapes.outputElementCount }

  /// The derivative is 2·max(0, x), which is 2·√y: the output tells it too.
  func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [ResidualNeed(.output)] }

  /// Each element is read before it is written, so the memory of the input will do.
  func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage { .outputGradient }
}

extension SquaredReLU {
  func forward(_ pass: ForwardPass) {
    guard let output = unsafe pass.output else { return }
    let input = unsafe pass.inputs[0]
    pass.engine.forEachRange(of: pass.shapes.outputElementCount) { range in
      for index in range {
        let positive = unsafe max(0, input[index])
        unsafe output[index] = positive * positive
      }
    }
  }

  func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0],
      let outputGradient = unsafe pass.outputGradient
    else { return }
    let output = unsafe pass.residual(.output).floats
    pass.engine.forEachRange(of: pass.shapes.outputElementCount) { range in
      for index in range {
        let slope = unsafe 2 * output[index].squareRoot()
        let sum = destination.accumulate ? unsafe destination.memory[index] : 0
        unsafe destination.memory[index] = sum + slope * outputGradient[index]
      }
    }
  }
}

/// y = gain·x with a trained gain for each channel.
struct ChannelGain: NetworkOperation {
  var kind: String { "gain" }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard let input = inputs.first, inputs.count == 1 else {
      throw ShapeError("\(kind) reads one value, not \(inputs.count)")
    }
    return input
  }

  func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    inputs.prefix(1).map { input in
      ParameterDescription(
        name: "gain", shape: [input.channels], layout: .vector, role: .scale,
        initializer: .constant(1))
    }
  }

  func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  /// Only the gradient of the gains reads the input, and so linearly that rounded values will do.
  func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    demand.parameters.isEmpty ? [] : [ResidualNeed(.input(0), accepted: [.whole, .quantized])]
  }

  /// Sums of parts of the batch, where the gains are trained.
  func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    guard case .backward(let demand, _) = pass, !demand.parameters.isEmpty else { return 0 }
    return Self.partCount * shapes.output.channels * MemoryLayout<Float>.stride
  }

  /// Never the number of threads: sums would have other bits with other numbers of them.
  private static let partCount = 16
}

extension ChannelGain {
  func forward(_ pass: ForwardPass) {
    guard let output = unsafe pass.output else { return }
    let (input, gain) = unsafe (pass.inputs[0], pass.parameters[0])
    let channels = pass.shapes.output.channels
    pass.engine.forEachRange(of: pass.shapes.outputElementCount) { range in
      for index in range { unsafe output[index] = gain[index % channels] * input[index] }
    }
  }

  func backward(_ pass: BackwardPass) {
    guard let outputGradient = unsafe pass.outputGradient else { return }
    let gain = unsafe pass.parameters[0]
    let count = pass.shapes.outputElementCount
    let channels = pass.shapes.output.channels
    if let destination = pass.inputGradients[0] {
      pass.engine.forEachRange(of: count) { range in
        for index in range {
          let sum = destination.accumulate ? unsafe destination.memory[index] : 0
          unsafe destination.memory[index] = sum + gain[index % channels] * outputGradient[index]
        }
      }
    }
    if let gainGradient = unsafe pass.parameterGradients[0] {
      let input = unsafe pass.residual(.input(0)).floats
      let sums = unsafe pass.scratch.assumingMemoryBound(to: Float.self)
      let rows = count / channels
      pass.engine.pool.parallel(taskCount: Self.partCount) { part, _ in
        let own = unsafe sums + part * channels
        unsafe own.update(repeating: 0, count: channels)
        for row in part * rows / Self.partCount..<(part + 1) * rows / Self.partCount {
          for channel in 0..<channels {
            let index = row * channels + channel
            unsafe own[channel] += input[index] * outputGradient[index]
          }
        }
      }
      for channel in 0..<channels {
        var sum = pass.accumulatesParameterGradients ? unsafe gainGradient[channel] : 0
        for part in 0..<Self.partCount { unsafe sum += sums[part * channels + channel] }
        unsafe gainGradient[channel] = sum
      }
    }
  }
}

func networkOfOwnOperations() throws -> Network {
  try Network("own", input: Shape(28, 28, channels: 1)) {
    Convolution(3, channels: 16, padding: 1, bias: false)
    ChannelGain()
    SquaredReLU()
    MaxPooling(2)
    Convolution(3, channels: 16, padding: 1)
    SquaredReLU()
    GlobalAveragePooling()
    Linear(10)
    SoftmaxCrossEntropy()
  }
}

@Test func ownOperationsLearnAsForecast() throws {
  let images = try FashionMNIST.load(trainingLimit: 32, testLimit: 1)
  for strategy in ["full", "sqrt", "quantize:8", "spill:64KiB"] {
    let trainer = try Trainer(
      networkOfOwnOperations(), strategy: Strategy(parsing: strategy), batchSize: 32,
      engine: .standard(), optimizer: .adam(learningRate: 0.01))
    trainer.batch.fill(0..<32, of: images)
    let first = try trainer.step()
    #expect(first.timeline == trainer.forecast.timeline)
    var last = first
    for _ in 0..<5 { last = try trainer.step() }
    #expect(last.report.loss < first.report.loss)
  }
}

@Test func whatIsFrozenKeepsNothing() throws {
  func savedByteCount(training layers: String...) throws -> Int {
    try Step.training(
      networkOfOwnOperations().training(only: layers), strategy: .full, batchSize: 32,
      threadCount: 2
    ).savedByteCount
  }
  let difference =
    try savedByteCount(training: "conv1", "gain1") - savedByteCount(training: "conv1")
  #expect(difference == 32 * 28 * 28 * 16 * 4)
}

@Test func gradientsAreSlopes() throws {
  let trainer = try Trainer(
    networkOfOwnOperations(), strategy: .full, batchSize: 32, engine: .standard())
  trainer.batch.fill(0..<32, of: try FashionMNIST.load(trainingLimit: 32, testLimit: 1))
  for index in trainer.store.parameters.indices {
    let values = unsafe Array(trainer.store.value(index))
    _ = try trainer.computeGradients()
    let gradient = unsafe Array(trainer.store.gradient(index))
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    /// The loss a little along the gradient.
    func loss(_ distance: Float) throws -> Float {
      for (element, value) in values.enumerated() {
        unsafe trainer.store.value(index)[element] = value + distance * gradient[element] / norm
      }
      return try trainer.computeGradients().report.loss
    }
    let slope = try (loss(0.01) - loss(-0.01)) / 0.02
    #expect(abs(slope - norm) < 0.01 * norm, "\(trainer.store.parameters[index].name)")
    _ = try loss(0)
  }
}
