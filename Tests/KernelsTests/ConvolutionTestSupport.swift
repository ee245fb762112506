import KernelInterface
import Kernels
import TestSupport

/// The tensors that the passes of one convolution read.
struct ConvolutionCase {
  let geometry: ConvolutionGeometry
  var input: [Float]
  var weights: [Float]
  var bias: [Float]?
  var outputGradient: [Float]

  /// The results start as this number, which accumulating passes add to; none to overwrite.
  var accumulatesTo: Float?
}

extension ConvolutionCase {
  /// Random tensors of multiples of 1/64 within ±2.
  init(random geometry: ConvolutionGeometry, seed: UInt64, hasBias: Bool, accumulatesTo: Float?) {
    var generator = TestRandom(seed: seed)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: -128...128, using: &generator)) / 64 }
    }
    self.init(
      geometry: geometry, input: numbers(geometry.inputCount),
      weights: numbers(geometry.weightCount),
      bias: hasBias ? numbers(geometry.outputChannels) : nil,
      outputGradient: numbers(geometry.outputCount), accumulatesTo: accumulatesTo)
  }
}

/// The results of the three passes.
struct ConvolutionResults: Equatable {
  var output: [Float]
  var inputGradient: [Float]
  var weightGradient: [Float]
  var biasGradient: [Float]

  /// The results by name.
  var tensors: [(name: String, values: [Float])] {
    [
      ("output", output), ("input gradient", inputGradient),
      ("weight gradient", weightGradient), ("bias gradient", biasGradient),
    ]
  }

  init(_ geometry: ConvolutionGeometry, filledWith number: Float) {
    output = Array(repeating: number, count: geometry.outputCount)
    inputGradient = Array(repeating: number, count: geometry.inputCount)
    weightGradient = Array(repeating: number, count: geometry.weightCount)
    biasGradient = Array(repeating: number, count: geometry.outputChannels)
  }
}

extension ConvolutionCase {
  /// What the plain implementation gives.
  func reference() -> ConvolutionResults {
    var results = ConvolutionResults(geometry, filledWith: accumulatesTo ?? .nan)
    let plain = ReferenceConvolution(geometry)
    let accumulate = accumulatesTo != nil
    unsafe (bias ?? []).withUnsafeBufferPointer { bias in
      unsafe plain.forward(
        input: input, weights: weights, bias: bias.isEmpty ? nil : bias.baseAddress,
        output: &results.output)
    }
    unsafe plain.backwardData(
      outputGradient: outputGradient, weights: weights, inputGradient: &results.inputGradient,
      accumulate: accumulate)
    unsafe plain.backwardWeights(
      input: input, outputGradient: outputGradient, weightGradient: &results.weightGradient,
      biasGradient: &results.biasGradient, accumulate: accumulate)
    return results
  }

  /// What an engine gives; `nil` if a pass wrote behind its scratch.
  ///
  /// Results and scratch are filled with values that are not numbers, so that what a pass reads
  /// before it wrote it shows.
  func results(of engine: Engine) -> ConvolutionResults? {
    var results = ConvolutionResults(geometry, filledWith: accumulatesTo ?? .nan)
    let accumulate = accumulatesTo != nil
    let isIntact = ConvolutionDirection.allCases.map { direction in
      unsafe withScratch(geometry.scratchByteCount(direction, threadCount: engine.threadCount)) {
        scratch in
        switch direction {
        case .forward:
          unsafe (bias ?? []).withUnsafeBufferPointer { bias in
            unsafe engine.convolve(
              geometry, input: input, weights: weights,
              bias: bias.isEmpty ? nil : bias.baseAddress, output: &results.output,
              scratch: scratch)
          }
        case .backwardData:
          unsafe engine.convolveBackwardData(
            geometry, outputGradient: outputGradient, weights: weights,
            inputGradient: &results.inputGradient, accumulate: accumulate, scratch: scratch)
        case .backwardWeights:
          unsafe engine.convolveBackwardWeights(
            geometry, input: input, outputGradient: outputGradient,
            weightGradient: &results.weightGradient, biasGradient: &results.biasGradient,
            accumulate: accumulate, scratch: scratch)
        }
      }
    }
    return isIntact.allSatisfy { $0 } ? results : nil
  }

  /// What an engine gives for a convolution with a rectifier behind it; `nil` if it wrote behind its
  /// scratch.
  func rectified(
    by engine: Engine, slope: Float, withMask: Bool
  ) -> (output: [Float], mask: [UInt8])? {
    var output = [Float](repeating: .nan, count: geometry.outputCount)
    var mask = [UInt8](repeating: 0xAA, count: (geometry.outputCount + 7) / 8)
    let byteCount = geometry.scratchByteCount(.forward, threadCount: engine.threadCount)
    let isIntact = unsafe withScratch(byteCount) { scratch in
      unsafe (bias ?? []).withUnsafeBufferPointer { bias in
        unsafe mask.withUnsafeMutableBufferPointer { mask in
          unsafe engine.convolve(
            geometry, input: input, weights: weights,
            bias: bias.isEmpty ? nil : bias.baseAddress, output: &output, negativeSlope: slope,
            mask: withMask ? mask.baseAddress : nil, scratch: scratch)
        }
      }
    }
    return isIntact ? (output, mask) : nil
  }

  /// Runs `body` with scratch full of values that are not numbers; tells whether those behind it
  /// are untouched.
  private func withScratch(
    _ byteCount: Int, _ body: (UnsafeMutableRawPointer) -> Void
  ) -> Bool {
    let guardBytes = 4096
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: byteCount + guardBytes, alignment: 64)
    defer { unsafe scratch.deallocate() }
    unsafe scratch.initializeMemory(as: UInt8.self, repeating: 0xFF)
    guard let base = scratch.baseAddress else { return false }
    unsafe body(base)
    return unsafe scratch[byteCount...].allSatisfy { $0 == 0xFF }
  }
}

/// The largest error of `actual`, relative to the largest magnitude of `expected`.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Float {
  guard actual.count == expected.count else { return .infinity }
  var error: Float = 0
  var magnitude: Float = 0
  for (value, reference) in zip(actual, expected) {
    error = max(error, value.isFinite ? abs(value - reference) : .infinity)
    magnitude = max(magnitude, abs(reference))
  }
  return error == 0 ? 0 : error / magnitude
}
