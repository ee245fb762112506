import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  /// Float sums of up to some thousand terms, against sums in double precision.
  private let tolerance: Float = 1e-5

  @Test(arguments: InstructionSet.available)
  func randomGeometriesAgreeWithThePlainImplementation(instructionSet: InstructionSet) throws {
    var generator = TestRandom(seed: 7)
    let engine = Engine(threadCount: 2, instructionSet: instructionSet)
    var count = 0
    while count < 250 {
      guard let geometry = randomGeometry(&generator) else { continue }
      count += 1
      try expectAgreement(geometry, engine, seed: UInt64(count))
    }
  }

  @Test(arguments: InstructionSet.available)
  func commonLayersAgreeWithThePlainImplementation(instructionSet: InstructionSet) throws {
    let engine = Engine(threadCount: 2, instructionSet: instructionSet)
    for (index, geometry) in try commonGeometries().enumerated() {
      try expectAgreement(geometry, engine, seed: UInt64(index))
    }
  }

  /// More weights than are packed at a time.
  @Test(arguments: InstructionSet.available)
  func wideLayersAgreeWithThePlainImplementation(instructionSet: InstructionSet) throws {
    let engine = Engine(threadCount: 2, instructionSet: instructionSet)
    for (index, geometry) in try wideGeometries().enumerated() {
      #expect(CorrelationPlan.forward(geometry).sliceCount > 1, "\(geometry)")
      try expectAgreement(geometry, engine, seed: UInt64(index))
    }
  }

  @Test(arguments: InstructionSet.available)
  func bitsDoNotDependOnTheThreads(instructionSet: InstructionSet) throws {
    let engines = [1, 2, 3, 4].map { Engine(threadCount: $0, instructionSet: instructionSet) }
    var generator = TestRandom(seed: 11)
    var geometries = try commonGeometries() + wideGeometries()
    while geometries.count < 64 {
      if let geometry = randomGeometry(&generator) { geometries.append(geometry) }
    }
    for (index, geometry) in geometries.enumerated() {
      let example = ConvolutionCase(
        random: geometry, seed: UInt64(index), hasBias: true,
        accumulatesTo: index % 2 == 0 ? nil : 0.5)
      let results = engines.map { example.results(of: $0) }
      let first = try #require(results[0])
      for other in results { #expect(other == first, "\(geometry)") }
    }
  }

  /// Channels that fill bytes of signs and others, depthwise layers and slices of weights among them.
  @Test(arguments: InstructionSet.available)
  func rectifyingAtOnceGivesTheBitsOfRectifyingAfterwards(instructionSet: InstructionSet) throws {
    let engines = [1, 3].map { Engine(threadCount: $0, instructionSet: instructionSet) }
    var generator = TestRandom(seed: 13)
    var geometries = try commonGeometries() + wideGeometries()
    while geometries.count < 64 {
      if let geometry = randomGeometry(&generator) { geometries.append(geometry) }
    }
    for (index, geometry) in geometries.enumerated() {
      let example = ConvolutionCase(
        random: geometry, seed: UInt64(index), hasBias: true, accumulatesTo: nil)
      let slope: Float = index % 2 == 0 ? 0 : 0.25
      var expected = try #require(example.results(of: engines[0])).output
      var expectedMask = [UInt8](repeating: 0, count: (geometry.outputCount + 7) / 8)
      unsafe expected.withUnsafeMutableBufferPointer { values in
        guard let base = values.baseAddress else { return }
        unsafe engines[0].rectify(
          input: base, output: base, count: geometry.outputCount, negativeSlope: slope,
          mask: &expectedMask)
      }
      for engine in engines {
        let plain = try #require(example.rectified(by: engine, slope: slope, withMask: false))
        #expect(plain.output == expected, "\(geometry)")
        let masked = try #require(example.rectified(by: engine, slope: slope, withMask: true))
        #expect(masked.output == expected, "\(geometry)")
        #expect(masked.mask == expectedMask, "\(geometry)")
      }
    }
  }

  @Test func scratchIsSmallForAnyImageAndAnyWeights() throws {
    let limit = 1 << 20
    for geometry in try commonGeometries() + wideGeometries() {
      for direction in ConvolutionDirection.allCases {
        let one = geometry.scratchByteCount(direction, threadCount: 1)
        let two = geometry.scratchByteCount(direction, threadCount: 2)
        #expect(one <= limit, "\(direction) of \(geometry)")
        #expect(two <= 2 * limit, "\(direction) of \(geometry)")
        let large = try ConvolutionGeometry(
          batchSize: geometry.batchSize * 64, inputChannels: geometry.inputChannels,
          outputChannels: geometry.outputChannels, groups: geometry.groups,
          inputExtent: Extent3(
            depth: geometry.inputExtent.depth, height: geometry.inputExtent.height * 20,
            width: geometry.inputExtent.width * 20),
          kernelExtent: geometry.kernelExtent, stride: geometry.stride,
          paddingBefore: geometry.paddingBefore, paddingAfter: geometry.paddingAfter,
          dilation: geometry.dilation)
        #expect(
          large.scratchByteCount(direction, threadCount: 1) <= limit, "\(direction) of \(large)")
      }
    }
  }

  private func expectAgreement(
    _ geometry: ConvolutionGeometry, _ engine: Engine, seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let example = ConvolutionCase(
      random: geometry, seed: seed, hasBias: seed % 3 != 0,
      accumulatesTo: seed % 2 == 0 ? nil : 0.75)
    let expected = example.reference()
    let actual = try #require(
      example.results(of: engine), "wrote behind its scratch: \(geometry)",
      sourceLocation: sourceLocation)
    for (tensor, reference) in zip(actual.tensors, expected.tensors) {
      let error = relativeError(tensor.values, reference.values)
      #expect(
        error <= tolerance, "\(tensor.name) of \(geometry)", sourceLocation: sourceLocation)
    }
  }
}

/// A small geometry with anything that a convolution may have; none if the numbers do not fit.
private func randomGeometry(_ generator: inout TestRandom) -> ConvolutionGeometry? {
  func pick(_ choices: [Int]) -> Int { choices.randomElement(using: &generator) ?? 1 }
  let dimensions = pick([1, 2, 2, 2, 3])
  func extent(_ choices: [Int], leading: Int) -> Extent3 {
    Extent3(
      depth: dimensions == 3 ? pick(choices) : leading,
      height: dimensions >= 2 ? pick(choices) : leading, width: pick(choices))
  }
  let groups = pick([1, 1, 1, 2, 3, 8])
  let geometry = try? ConvolutionGeometry(
    batchSize: pick([1, 2, 3, 5]),
    inputChannels: groups * pick([1, 2, 3, 5, 8, 13, 16, 17, 29]),
    outputChannels: groups * pick([1, 2, 3, 6, 8, 16, 19, 32, 37]),
    groups: groups,
    inputExtent: extent(dimensions == 3 ? [1, 3, 5, 7] : [1, 2, 4, 7, 9, 15, 17], leading: 1),
    kernelExtent: extent([1, 1, 2, 3, 3, 4, 5], leading: 1),
    stride: extent([1, 1, 1, 2, 3], leading: 1),
    paddingBefore: extent([0, 0, 1, 2, 3], leading: 0),
    paddingAfter: extent([0, 0, 1, 2, 3], leading: 0),
    dilation: extent([1, 1, 1, 2, 3], leading: 1))
  guard let geometry, geometry.floatingPointOperations < 4_000_000 else { return nil }
  return geometry
}

private func plane(
  _ channels: Int, _ outputs: Int, size: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
  dilation: Int = 1, groups: Int = 1, batch: Int = 2
) throws -> ConvolutionGeometry {
  try ConvolutionGeometry(
    batchSize: batch, inputChannels: channels, outputChannels: outputs, groups: groups,
    inputExtent: Extent3(depth: 1, height: size, width: size),
    kernelExtent: Extent3(depth: 1, height: kernel, width: kernel),
    stride: Extent3(depth: 1, height: stride, width: stride),
    paddingBefore: Extent3(depth: 0, height: padding, width: padding),
    paddingAfter: Extent3(depth: 0, height: padding, width: padding),
    dilation: Extent3(depth: 1, height: dilation, width: dilation))
}

/// Layers with many weights, which are packed a slice at a time: slices of written and of read
/// channels, the last ones smaller, and slices of several groups.
private func wideGeometries() throws -> [ConvolutionGeometry] {
  [
    try plane(200, 300, size: 3, kernel: 3, padding: 1, batch: 1),
    try plane(1100, 40, size: 2, kernel: 3, stride: 2, padding: 1, batch: 1),
    try plane(3000, 130, size: 1, kernel: 1, batch: 3),
    try plane(5 * 96, 5 * 100, size: 3, kernel: 3, padding: 1, groups: 5, batch: 1),
  ]
}

/// Layers of common networks, with small maps and batches.
private func commonGeometries() throws -> [ConvolutionGeometry] {
  return [
    try plane(64, 64, size: 14, kernel: 3, padding: 1),
    try plane(96, 64, size: 7, kernel: 3, padding: 1),
    try plane(64, 96, size: 4, kernel: 3, padding: 1, batch: 5),
    try plane(256, 64, size: 9, kernel: 1),
    try plane(64, 256, size: 9, kernel: 1),
    try plane(64, 128, size: 14, kernel: 1, stride: 2),
    try plane(32, 64, size: 14, kernel: 3, stride: 2, padding: 1),
    try plane(3, 64, size: 30, kernel: 7, stride: 2, padding: 3),
    try plane(1, 32, size: 28, kernel: 3, padding: 1),
    try plane(6, 16, size: 28, kernel: 5),
    try plane(48, 48, size: 14, kernel: 3, padding: 1, groups: 48),
    try plane(40, 40, size: 14, kernel: 5, stride: 2, padding: 2, groups: 40),
    try plane(64, 64, size: 14, kernel: 3, padding: 1, groups: 4),
    try plane(32, 32, size: 17, kernel: 3, padding: 2, dilation: 2),
    try plane(784, 10, size: 1, kernel: 1, batch: 33),
    // Rows that lie beyond the border in some taps: one tile a row, several, or two rows a tile.
    try plane(32, 40, size: 28, kernel: 3, padding: 1, batch: 1),
    try plane(40, 33, size: 13, kernel: 5, padding: 2, batch: 1),
    try plane(32, 64, size: 2, kernel: 3, padding: 1, batch: 3),
    try plane(64, 32, size: 1, kernel: 3, padding: 1, batch: 3),
    try plane(36, 36, size: 15, kernel: 3, stride: 2, padding: 1),
    try ConvolutionGeometry(
      batchSize: 2, inputChannels: 16, outputChannels: 32,
      inputExtent: Extent3(depth: 5, height: 9, width: 9),
      kernelExtent: Extent3(repeating: 3),
      paddingBefore: Extent3(repeating: 1), paddingAfter: Extent3(repeating: 1)),
    try ConvolutionGeometry(
      batchSize: 1, inputChannels: 2, outputChannels: 2,
      inputExtent: Extent3(depth: 1, height: 400, width: 600),
      kernelExtent: Extent3(depth: 1, height: 2, width: 2),
      dilation: Extent3(depth: 1, height: 399, width: 590)),
  ]
}
