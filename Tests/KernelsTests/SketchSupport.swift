import KernelInterface
import Kernels
import OracleSupport
import TestSupport
import Testing

/// A convolution with the two tensors that its weight gradient is made of.
struct SketchProblem {
  let geometry: ConvolutionGeometry
  let input: [Float]
  let outputGradient: [Float]

  init(_ geometry: ConvolutionGeometry, input: [Float], outputGradient: [Float]) {
    self.geometry = geometry
    self.input = input
    self.outputGradient = outputGradient
  }

  /// Whole numbers from −4 to 8, so that sums of a few hundred products are exact.
  init(_ geometry: ConvolutionGeometry, seed: UInt64) {
    var random = TestRandom(seed: seed)
    self.geometry = geometry
    input = (0..<geometry.inputCount).map { _ in Float(random.below(13)) - 4 }
    outputGradient = (0..<geometry.outputCount).map { _ in Float(random.below(13)) - 4 }
  }

  init(_ oracle: OracleCase) throws {
    func extent(_ name: String, leading: Int) throws -> Extent3 {
      let numbers = try oracle.fields.spatial(name, leading: leading)
      return Extent3(depth: numbers[0], height: numbers[1], width: numbers[2])
    }
    geometry = try ConvolutionGeometry(
      batchSize: oracle.fields.integer("N"), inputChannels: oracle.fields.integer("C"),
      outputChannels: oracle.fields.integer("K"), inputExtent: extent("size", leading: 1),
      kernelExtent: extent("kernel", leading: 1), stride: extent("stride", leading: 1),
      paddingBefore: extent("pad", leading: 0), paddingAfter: extent("pad", leading: 0),
      dilation: extent("dilation", leading: 1))
    input = try oracle.tensor("x").channelsLast().values
    outputGradient = try oracle.tensor("dy").channelsLast().values
  }

  /// The weight gradient by way of a sketch, (kernel…, input channels of a group, output channels).
  func estimate(
    _ description: SketchDescription, engine: Engine, probes: [Float]? = nil,
    accumulatingInto start: [Float]? = nil
  ) -> [Float] {
    let threads = engine.threadCount
    // The results begin as not-a-number: what is not written shows.
    var stored = [Float](
      repeating: .nan, count: (description.byteCount(for: geometry) + 3) / MemoryLayout<Float>.size)
    var gradient = start ?? [Float](repeating: .nan, count: geometry.weightCount)
    var bias = [Float](repeating: start == nil ? .nan : 0, count: geometry.outputChannels)
    var mask = [UInt8](repeating: 0, count: description.usesMask ? (input.count + 7) / 8 : 0)
    for (index, value) in input.enumerated() where description.usesMask && value > 0 {
      mask[index / 8] |= 1 << UInt8(index % 8)
    }
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(
        description.sketchScratchByteCount(for: geometry, threadCount: threads),
        description.gradientScratchByteCount(for: geometry, threadCount: threads)),
      alignment: 64)
    defer { unsafe scratch.deallocate() }
    let empty: [Float] = []
    unsafe (probes ?? empty).withUnsafeBufferPointer { given in
      let source: SketchProbes =
        if probes != nil, let base = given.baseAddress { unsafe .given(base) } else { .drawn }
      unsafe stored.withUnsafeMutableBytes { stored in
        guard let stored = stored.baseAddress else { return }
        unsafe input.withUnsafeBufferPointer { input in
          guard let input = input.baseAddress else { return }
          unsafe engine.sketch(
            description, geometry, input: input, into: stored, scratch: scratch, probes: source)
        }
        unsafe outputGradient.withUnsafeBufferPointer { outputGradient in
          guard let outputGradient = outputGradient.baseAddress else { return }
          unsafe gradient.withUnsafeMutableBufferPointer { gradient in
            guard let gradient = gradient.baseAddress else { return }
            unsafe bias.withUnsafeMutableBufferPointer { biasGradient in
              unsafe mask.withUnsafeBufferPointer { bits in
                let mask = description.usesMask ? bits.baseAddress : nil
                let biasGradient = biasGradient.baseAddress
                unsafe engine.sketchedBackwardWeights(
                  description, geometry, stored: stored, outputGradient: outputGradient,
                  weightGradient: gradient, biasGradient: biasGradient, mask: mask,
                  accumulate: start != nil,
                  scratch: scratch, probes: source)
              }
            }
          }
        }
      }
    }
    #expect(
      largestRelativeError(bias, exactBiasGradient()) < 2e-6, "the bias of \(geometry)")
    return gradient
  }

  /// The sums of the output gradient over samples and pixels.
  func exactBiasGradient() -> [Float] {
    let channels = geometry.outputChannels
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in outputGradient.enumerated() { sums[index % channels] += Double(value) }
    return sums.map { Float($0) }
  }

  /// The exact weight gradient, straight from the definition.
  func exactGradient() -> [Float] {
    let g = geometry
    var result = [Double](repeating: 0, count: g.weightCount)
    for tap in 0..<g.kernelExtent.volume {
      forEachPixelPair(tap: tap) { output, input in
        for sample in 0..<g.batchSize {
          let x = (sample * g.inputExtent.volume + input) * g.inputChannels
          let y = (sample * g.outputExtent.volume + output) * g.outputChannels
          for channel in 0..<g.outputChannels {
            let group = channel / g.groupOutputChannels
            for member in 0..<g.groupInputChannels {
              result[(tap * g.groupInputChannels + member) * g.outputChannels + channel] +=
                Double(self.input[x + group * g.groupInputChannels + member])
                * Double(outputGradient[y + channel])
            }
          }
        }
      }
    }
    return result.map { Float($0) }
  }

  /// Calls `body` with every output pixel and the input pixel that it reads through a tap.
  func forEachPixelPair(tap: Int, _ body: (_ output: Int, _ input: Int) -> Void) {
    let g = geometry
    let (kernel, extent) = (g.kernelExtent, g.outputExtent)
    let tapWidth = tap % kernel.width
    let tapHeight = tap / kernel.width % kernel.height
    let tapDepth = tap / kernel.width / kernel.height
    for depth in 0..<extent.depth {
      let z = depth * g.stride.depth - g.paddingBefore.depth + tapDepth * g.dilation.depth
      for height in 0..<extent.height {
        let y = height * g.stride.height - g.paddingBefore.height + tapHeight * g.dilation.height
        for width in 0..<extent.width {
          let x = width * g.stride.width - g.paddingBefore.width + tapWidth * g.dilation.width
          guard 0..<g.inputExtent.depth ~= z, 0..<g.inputExtent.height ~= y,
            0..<g.inputExtent.width ~= x
          else { continue }
          body(
            (depth * extent.height + height) * extent.width + width,
            (z * g.inputExtent.height + y) * g.inputExtent.width + x)
        }
      }
    }
  }
}

extension TestRandom {
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// A convolution of 1 to 3 axes with everything that can be unequal.
  mutating func geometry() throws -> ConvolutionGeometry {
    let axes = 1 + below(3)
    func extent(_ make: () -> Int, leading: Int) -> Extent3 {
      Extent3(
        depth: axes > 2 ? make() : leading, height: axes > 1 ? make() : leading, width: make())
    }
    let groups = [1, 1, 2, 3][below(4)]
    return try ConvolutionGeometry(
      batchSize: 1 + below(3), inputChannels: groups * (1 + below(3)),
      outputChannels: groups * (1 + below(3)), groups: groups,
      inputExtent: extent({ 3 + below(axes == 1 ? 40 : 5) }, leading: 1),
      kernelExtent: extent({ 1 + below(3) }, leading: 1),
      stride: extent({ 1 + below(3) }, leading: 1),
      paddingBefore: extent({ 1 + below(2) }, leading: 0),
      paddingAfter: extent({ 1 + below(3) }, leading: 0),
      dilation: extent({ 1 + below(2) }, leading: 1))
  }
}

/// The largest absolute difference over the largest magnitude of `expected`.
func largestRelativeError(_ actual: [Float], _ expected: [Float]) -> Double {
  var error = 0.0
  var magnitude = 0.0
  for (value, reference) in zip(actual, expected) {
    error = value.isFinite ? max(error, abs(Double(value) - Double(reference))) : .infinity
    magnitude = max(magnitude, abs(Double(reference)))
  }
  return error == 0 ? 0 : error / magnitude
}
