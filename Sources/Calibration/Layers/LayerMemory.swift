import Kernels

/// The tensors of all layers of a benchmark: each is as large as the largest layer needs.
///
/// What a pass writes is read by none, so that numbers stay what they were.
struct LayerMemory: ~Copyable {
  private let input: AlignedFloats
  private let outputGradient: AlignedFloats
  private let weights: AlignedFloats
  private let destination: AlignedFloats
  private let scratch: AlignedFloats

  init(_ benchmark: LayerBenchmark) {
    let counts = Counts(benchmark)
    let seed = benchmark.seed
    input = AlignedFloats(count: counts.input, seed: seed)
    outputGradient = AlignedFloats(count: counts.output, seed: seed &+ 1)
    weights = AlignedFloats(count: counts.weights, seed: seed &+ 2)
    destination = AlignedFloats(count: counts.destination, seed: seed &+ 3)
    scratch = AlignedFloats(count: counts.scratch, seed: seed &+ 4)
  }

  /// Runs one pass, without a bias.
  func run(
    _ geometry: ConvolutionGeometry, _ direction: ConvolutionDirection, _ engine: Engine
  ) {
    let scratch = unsafe UnsafeMutableRawPointer(scratch.start)
    switch direction {
    case .forward:
      unsafe engine.convolve(
        geometry, input: input.start, weights: weights.start, bias: nil,
        output: destination.start, scratch: scratch)
    case .backwardData:
      unsafe engine.convolveBackwardData(
        geometry, outputGradient: outputGradient.start, weights: weights.start,
        inputGradient: destination.start, accumulate: false, scratch: scratch)
    case .backwardWeights:
      unsafe engine.convolveBackwardWeights(
        geometry, input: input.start, outputGradient: outputGradient.start,
        weightGradient: destination.start, biasGradient: nil, accumulate: false,
        scratch: scratch)
    }
  }
}

extension LayerMemory {
  /// The floats of each tensor.
  struct Counts {
    var input = 0
    var output = 0
    var weights = 0
    var destination = 0
    var scratch = 0

    init(_ benchmark: LayerBenchmark) {
      for geometry in benchmark.layers.map(\.geometry) {
        input = max(input, geometry.inputCount)
        output = max(output, geometry.outputCount)
        weights = max(weights, geometry.weightCount)
        for direction in benchmark.directions {
          let bytes = geometry.scratchByteCount(
            direction, threadCount: benchmark.engine.threadCount)
          scratch = max(scratch, bytes / MemoryLayout<Float>.stride)
        }
      }
      destination = max(input, output, weights)
    }

    var byteCount: Int {
      (input + output + weights + destination + scratch) * MemoryLayout<Float>.stride
    }
  }
}
