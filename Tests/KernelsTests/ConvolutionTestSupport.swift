import KernelInterface
import Kernels

/// A repeatable source of numbers (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The tensors of one convolution, and what a pass makes of them.
struct ConvolutionCase {
  let geometry: ConvolutionGeometry
  var input: [Float]
  var weights: [Float]
  var bias: [Float]?
  var outputGradient: [Float]

  /// Random tensors; numbers are multiples of 1/64 within ±2.
  init(_ geometry: ConvolutionGeometry, seed: UInt64, hasBias: Bool) {
    var generator = SplitMix(state: seed)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: -128...128, using: &generator)) / 64 }
    }
    self.geometry = geometry
    input = numbers(geometry.inputCount)
    weights = numbers(geometry.weightCount)
    bias = hasBias ? numbers(geometry.outputChannels) : nil
    outputGradient = numbers(geometry.outputCount)
  }
}

/// The results of the three passes.
struct ConvolutionResults: Equatable {
  var output: [Float]
  var inputGradient: [Float]
  var weightGradient: [Float]
  var biasGradient: [Float]

  /// Room for the results of a geometry, filled with numbers that a pass adds to if it accumulates.
  init(_ geometry: ConvolutionGeometry, filledWith number: Float) {
    output = Array(repeating: number, count: geometry.outputCount)
    inputGradient = Array(repeating: number, count: geometry.inputCount)
    weightGradient = Array(repeating: number, count: geometry.weightCount)
    biasGradient = Array(repeating: number, count: geometry.outputChannels)
  }
}

extension ConvolutionCase {
  /// What the plain implementation gives.
  func reference(accumulatingTo number: Float?) -> ConvolutionResults {
    var results = ConvolutionResults(geometry, filledWith: number ?? .nan)
    let reference = ReferenceConvolution(geometry)
    let accumulate = number != nil
    unsafe reference.forward(
      input: input, weights: weights, bias: biasPointer, output: &results.output)
    unsafe reference.backwardData(
      outputGradient: outputGradient, weights: weights, inputGradient: &results.inputGradient,
      accumulate: accumulate)
    unsafe reference.backwardWeights(
      input: input, outputGradient: outputGradient, weightGradient: &results.weightGradient,
      biasGradient: &results.biasGradient, accumulate: accumulate)
    biasPointer?.deallocate()
    return results
  }
}
