import KernelInterface
import Kernels
import OracleSupport
import Testing

/// The kernels against the reference numbers, with every instruction set and number of threads.
@Suite struct LayerOracleTests {
  private static let operations: Set<String> = [
    "batchnorm_train", "batchnorm_eval", "relu", "leakyrelu", "maxpool", "avgpool",
    "global_avgpool", "cross_entropy", "add", "add_relu",
  ]

  @Test func kernelsAgreeWithTheReference() throws {
    let cases = try OracleFile("layers").cases {
      Self.operations.contains(try $0.fields.string("op"))
    }
    #expect(!cases.isEmpty)
    for oracle in cases {
      let results = try sameForEveryEngine(oracle.name) { engine, memory in
        try self.results(of: oracle, engine, memory)
      }
      #expect(!results.isEmpty, "\(oracle.name)")
      for (name, values) in results {
        let comparison = try oracle.compare(values, with: name) { $0.channelsLast() }
        #expect(comparison.agrees, "\(comparison)")
      }
    }
  }

  private func results(of oracle: OracleCase, _ engine: Engine, _ memory: TestMemory) throws
    -> [String: [Float]]
  {
    let inputs = Inputs(oracle: oracle, memory: memory)
    switch try oracle.fields.string("op") {
    case "batchnorm_train": return try batchNormalization(inputs, engine, training: true)
    case "batchnorm_eval": return try batchNormalization(inputs, engine, training: false)
    case "relu": return try rectifier(inputs, engine, slope: 0)
    case "leakyrelu":
      return try rectifier(inputs, engine, slope: oracle.fields.float("negative_slope"))
    case "maxpool": return try maxPooling(inputs, engine)
    case "avgpool": return try averagePooling(inputs, engine)
    case "global_avgpool": return try globalAveragePooling(inputs, engine)
    case "cross_entropy": return try crossEntropy(inputs, engine)
    case "add": return try sum(inputs, engine, slope: nil)
    case "add_relu": return try sum(inputs, engine, slope: 0)
    default: return [:]
    }
  }
}

/// The tensors of a case in our layouts, and memory for results.
private struct Inputs {
  let oracle: OracleCase
  let memory: TestMemory

  func callAsFunction(_ name: String) throws -> TestArray<Float> {
    memory.floats(try oracle.tensor(name).channelsLast().values)
  }

  /// Batch, pixels, channels of the input.
  func sizes(_ name: String = "x") throws -> (batch: Int, pixels: Int, channels: Int) {
    let shape = try oracle.shape(name)
    return (shape[0], shape[2...].reduce(1, *), shape[1])
  }
}

private func batchNormalization(_ inputs: Inputs, _ engine: Engine, training: Bool) throws
  -> [String: [Float]]
{
  let (batch, pixels, channels) = try inputs.sizes()
  let rows = batch * pixels
  let x = try inputs("x")
  let gamma = try inputs("gamma")
  let epsilon = try inputs.oracle.fields.float("eps")
  let mean = training ? inputs.memory.unwritten(channels) : try inputs("running_mean_in")
  let variance = training ? inputs.memory.unwritten(channels) : try inputs("running_var_in")
  let scratch = unsafe UnsafeMutableRawPointer(
    inputs.memory.unwritten(
      Engine.batchNormalizationScratchBytes(
        rows: rows, channels: channels, threadCount: engine.threadCount) / 4
    ).pointer)
  var results: [String: [Float]] = [:]
  if training {
    let runningMean = try inputs("running_mean_in")
    let runningVariance = try inputs("running_var_in")
    unsafe engine.batchNormalizationStatistics(
      input: x.constant, rows: rows, channels: channels, mean: mean.pointer,
      variance: variance.pointer, scratch: scratch)
    unsafe engine.updateRunningStatistics(
      mean: mean.constant, variance: variance.constant, rows: rows, channels: channels,
      momentum: try inputs.oracle.fields.float("momentum"), runningMean: runningMean.pointer,
      runningVariance: runningVariance.pointer)
    results["running_mean"] = runningMean.values
    results["running_var"] = runningVariance.values
  }
  let y = inputs.memory.unwritten(x.count)
  let gradient = try inputs("dy")
  let gammaGradient = inputs.memory.unwritten(channels)
  let betaGradient = inputs.memory.unwritten(channels)
  unsafe engine.batchNormalizationApply(
    input: x.constant, mean: mean.constant, variance: variance.constant, epsilon: epsilon,
    gamma: gamma.constant, beta: try inputs("beta").constant, output: y.pointer, rows: rows,
    channels: channels, scratch: scratch)
  unsafe engine.batchNormalizationBackward(
    input: x.constant, mean: mean.constant, variance: variance.constant, epsilon: epsilon,
    gamma: gamma.constant, beta: try inputs("beta").constant, outputGradient: gradient.constant,
    inputGradient: gradient.pointer, gammaGradient: gammaGradient.pointer,
    betaGradient: betaGradient.pointer, rows: rows,
    channels: channels, training: training, accumulate: false, accumulateParameters: false,
    scratch: scratch)
  results["y"] = y.values
  results["dx"] = gradient.values
  results["dgamma"] = gammaGradient.values
  results["dbeta"] = betaGradient.values
  return results
}

private func rectifier(_ inputs: Inputs, _ engine: Engine, slope: Float) throws
  -> [String: [Float]]
{
  let x = try inputs("x")
  let gradient = try inputs("dy")
  let mask = inputs.memory.unwrittenBytes((x.count + 7) / 8)
  unsafe engine.rectify(
    input: x.constant, output: x.pointer, count: x.count, negativeSlope: slope, mask: mask.pointer)
  unsafe engine.rectifyBackward(
    mask: mask.constant, outputGradient: gradient.constant, inputGradient: gradient.pointer,
    count: x.count, negativeSlope: slope, accumulate: false)
  return ["y": x.values, "dx": gradient.values]
}

private func poolingGeometry(_ inputs: Inputs) throws -> PoolingGeometry {
  let fields = inputs.oracle.fields
  func extent(_ numbers: [Int], leading: Int) -> Extent3 {
    let all = Array(repeating: leading, count: 3 - numbers.count) + numbers
    return Extent3(depth: all[0], height: all[1], width: all[2])
  }
  let shape = try inputs.oracle.shape("x")
  let padding = extent(try fields.integers("pad"), leading: 0)
  return try PoolingGeometry(
    batchSize: shape[0], channels: shape[1], inputExtent: extent(Array(shape[2...]), leading: 1),
    kernelExtent: extent(fields.integers("kernel"), leading: 1),
    stride: extent(fields.integers("stride"), leading: 1), paddingBefore: padding,
    paddingAfter: padding)
}

private func maxPooling(_ inputs: Inputs, _ engine: Engine) throws -> [String: [Float]] {
  let geometry = try poolingGeometry(inputs)
  let y = inputs.memory.unwritten(geometry.outputCount)
  let indices = inputs.memory.unwrittenBytes(geometry.outputCount)
  let inputGradient = inputs.memory.unwritten(geometry.inputCount)
  unsafe engine.maxPool(
    geometry, input: try inputs("x").constant, output: y.pointer, indices: indices.pointer)
  unsafe engine.maxPoolBackward(
    geometry, indices: indices.constant, outputGradient: try inputs("dy").constant,
    inputGradient: inputGradient.pointer, accumulate: false)
  return ["y": y.values, "dx": inputGradient.values]
}

private func averagePooling(_ inputs: Inputs, _ engine: Engine) throws -> [String: [Float]] {
  let geometry = try poolingGeometry(inputs)
  let includesPadding = try inputs.oracle.fields.bool("count_include_pad")
  let y = inputs.memory.unwritten(geometry.outputCount)
  let inputGradient = inputs.memory.unwritten(geometry.inputCount)
  unsafe engine.averagePool(
    geometry, countIncludePadding: includesPadding, input: try inputs("x").constant,
    output: y.pointer)
  unsafe engine.averagePoolBackward(
    geometry, countIncludePadding: includesPadding, outputGradient: try inputs("dy").constant,
    inputGradient: inputGradient.pointer, accumulate: false)
  return ["y": y.values, "dx": inputGradient.values]
}

private func globalAveragePooling(_ inputs: Inputs, _ engine: Engine) throws
  -> [String: [Float]]
{
  let (batch, pixels, channels) = try inputs.sizes()
  let y = inputs.memory.unwritten(batch * channels)
  let inputGradient = inputs.memory.unwritten(batch * pixels * channels)
  unsafe engine.globalAveragePool(
    input: try inputs("x").constant, output: y.pointer, batch: batch, pixels: pixels,
    channels: channels)
  unsafe engine.globalAveragePoolBackward(
    outputGradient: try inputs("dy").constant, inputGradient: inputGradient.pointer, batch: batch,
    pixels: pixels, channels: channels, accumulate: false)
  return ["y": y.values, "dx": inputGradient.values]
}

private func crossEntropy(_ inputs: Inputs, _ engine: Engine) throws -> [String: [Float]] {
  let (batch, pixels, classes) = try inputs.sizes("logits")
  let logits = try inputs("logits")
  let labels = inputs.memory.labels(try inputs.oracle.labels("labels"))
  let smoothing = try inputs.oracle.fields.float("label_smoothing")
  let loss = unsafe engine.softmaxCrossEntropy(
    logits: logits.constant, labels: labels.constant, probabilities: logits.pointer,
    rows: batch * pixels, classes: classes, labelSmoothing: smoothing)
  unsafe engine.softmaxCrossEntropyBackward(
    probabilities: logits.constant, labels: labels.constant, gradient: logits.pointer,
    rows: batch * pixels, classes: classes, labelSmoothing: smoothing)
  return ["loss": [loss], "dlogits": logits.values]
}

private func sum(_ inputs: Inputs, _ engine: Engine, slope: Float?) throws -> [String: [Float]] {
  let first = try inputs("x0")
  let gradient = try inputs("dy")
  let y = inputs.memory.unwritten(first.count)
  unsafe engine.add(
    first.constant, try inputs("x1").constant, into: y.pointer, count: y.count,
    negativeSlope: slope)
  if let slope {
    unsafe engine.rectifyBackward(
      output: y.constant, outputGradient: gradient.constant, inputGradient: gradient.pointer,
      count: y.count, negativeSlope: slope, accumulate: false)
  }
  return ["y": y.values, "dx0": gradient.values, "dx1": gradient.values]
}
