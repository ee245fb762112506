import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// Sketches that are made while a pass writes hold the bits of those that are made afterwards.
@Suite struct SampleSketchingTests {
  /// Makes the sketch of what `pass` writes both ways, for several sketches, and compares the bytes.
  private func expectSameSketches(
    _ map: Extent3, batchSize: Int, channels: Int, _ what: String,
    _ pass: (Engine, TestArray<Float>, SampleSketching?) -> Void
  ) throws {
    let geometry = try ConvolutionGeometry(
      batchSize: batchSize, inputChannels: channels, outputChannels: channels, inputExtent: map,
      kernelExtent: Extent3(repeating: 1))
    let descriptions = [
      try SketchDescription(
        estimator: .fold, size: 5, seed: 3, deflation: .mean, storage: .int8, usesMask: true),
      try SketchDescription(estimator: .fold, size: 9, seed: 4, deflation: .tiles(2)),
      try SketchDescription(
        estimator: .rademacherPerSample, size: 4, seed: 5, deflation: .mean, storage: .int4),
    ]
    for description in descriptions {
      for engine in engines {
        let pair = Self.sketches(description, geometry, by: engine, pass)
        expectSame(
          pair.together, pair.afterwards, "\(what), \(description), \(engine.threadCount)")
        #expect(pair.scratchIsIntact, "\(what), \(description): it wrote behind its scratch")
      }
    }
  }

  private let engines = InstructionSet.available.suffix(1).flatMap { set in
    [1, 2, 3].map { Engine(threadCount: $0, instructionSet: set) }
  }

  private static func sketches(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry, by engine: Engine,
    _ pass: (Engine, TestArray<Float>, SampleSketching?) -> Void
  ) -> (together: [UInt8], afterwards: [UInt8], scratchIsIntact: Bool) {
    let memory = TestMemory()
    let byteCount = description.byteCount(for: geometry)
    let together = memory.unwrittenBytes(byteCount + 3)
    let afterwards = memory.unwrittenBytes(byteCount + 3)
    func aligned(_ bytes: TestArray<UInt8>) -> UnsafeMutableRawPointer {
      unsafe UnsafeMutableRawPointer(bytes.pointer).alignedUp(toMultipleOf: 4)
    }
    let scratchCount = SampleSketching.scratchByteCount(
      description, for: geometry, threadCount: engine.threadCount)
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: scratchCount + 64, alignment: 64)
    defer { unsafe scratch.deallocate() }
    unsafe scratch.initializeMemory(as: UInt8.self, repeating: 0xFF)
    let output = memory.unwritten(geometry.inputCount)
    if let base = scratch.baseAddress {
      let sketching = unsafe SampleSketching(
        engine, description, geometry, output: output.constant, into: aligned(together),
        scratch: base)
      pass(engine, output, sketching)
      pass(engine, output, nil)
      unsafe engine.sketch(
        description, geometry, input: output.constant, into: aligned(afterwards), scratch: base)
    }
    let isIntact = unsafe scratch[scratchCount...].allSatisfy { $0 == 0xFF }
    return withExtendedLifetime(memory) {
      (Self.bytes(together, byteCount), Self.bytes(afterwards, byteCount), isIntact)
    }
  }

  private static func bytes(_ array: TestArray<UInt8>, _ count: Int) -> [UInt8] {
    let start = unsafe UnsafeMutableRawPointer(array.pointer).alignedUp(toMultipleOf: 4)
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Windows in one row and in three axes, channels that vectors share, flattened and depthwise ones,
  /// maps of several tasks each and tasks of several maps, and one that the plain implementation does.
  private static func convolutions() throws -> [ConvolutionGeometry] {
    func geometry(
      _ batch: Int, _ channels: (Int, Int), _ map: Extent3, kernel: Extent3, groups: Int = 1,
      stride: Int = 1, padding: Int = 1
    ) throws -> ConvolutionGeometry {
      func ofKernelAxes(_ value: Int, _ least: Int) -> Extent3 {
        Extent3(
          depth: kernel.depth > 1 ? value : least, height: kernel.height > 1 ? value : least,
          width: kernel.width > 1 ? value : least)
      }
      return try ConvolutionGeometry(
        batchSize: batch, inputChannels: channels.0, outputChannels: channels.1, groups: groups,
        inputExtent: map, kernelExtent: kernel, stride: ofKernelAxes(stride, 1),
        paddingBefore: ofKernelAxes(padding, 0), paddingAfter: ofKernelAxes(padding, 0))
    }
    func flat(_ height: Int, _ width: Int) -> Extent3 {
      Extent3(depth: 1, height: height, width: width)
    }
    return [
      try geometry(9, (3, 8), flat(7, 9), kernel: flat(3, 3)),
      try geometry(8, (4, 72), flat(30, 31), kernel: flat(3, 3)),
      try geometry(8, (5, 3), flat(8, 8), kernel: flat(3, 3), stride: 2),
      try geometry(16, (1, 2), flat(12, 16), kernel: flat(3, 3)),
      try geometry(10, (6, 16), flat(5, 4), kernel: flat(1, 1)),
      try geometry(8, (12, 12), flat(9, 9), kernel: flat(3, 3), groups: 12),
      try geometry(8, (2, 7), flat(1, 33), kernel: flat(1, 5)),
      try geometry(
        8, (2, 4), Extent3(depth: 4, height: 5, width: 6), kernel: Extent3(repeating: 3)),
    ]
  }

  @Test func whileAConvolutionWrites() throws {
    for geometry in try Self.convolutions() {
      let example = ConvolutionCase(
        random: geometry, seed: 2, hasBias: true, accumulatesTo: nil)
      for (slope, withMask) in [(nil, false), (0, true), (0.25, false)] as [(Float?, Bool)] {
        try expectSameSketches(
          geometry.outputExtent, batchSize: geometry.batchSize,
          channels: geometry.outputChannels, "\(geometry), \(slope as Any), \(withMask)"
        ) { engine, output, sketching in
          let memory = TestMemory()
          let mask = memory.unwrittenBytes((geometry.outputCount + 7) / 8)
          let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: max(
              1, geometry.scratchByteCount(.forward, threadCount: engine.threadCount)),
            alignment: 64)
          defer { unsafe scratch.deallocate() }
          unsafe engine.convolve(
            geometry, input: example.input, weights: example.weights, bias: example.bias ?? [],
            output: output.pointer, negativeSlope: slope, mask: withMask ? mask.pointer : nil,
            sketching: sketching, scratch: scratch)
        }
      }
    }
  }

  /// Ranges of tasks neither overlap nor leave gaps, whatever is cut into them.
  @Test func tasksOfAConvolutionWriteRangesThatCoverTheOutput() throws {
    var random = TestRandom(seed: 4)
    var geometries = try Self.convolutions()
    while geometries.count < 300 {
      guard let geometry = try? random.geometry() else { continue }
      geometries.append(geometry)
    }
    for geometry in geometries {
      let plan = CorrelationPlan.forward(geometry)
      let ranges = (0..<plan.taskCount).map { plan.writtenRange(ofTask: $0) }
        .sorted { $0.lowerBound < $1.lowerBound }
      let ends = [0] + ranges.map(\.upperBound)
      #expect(ranges.map(\.lowerBound) == ends.dropLast(), "\(geometry)")
      #expect(ends.last == geometry.outputCount, "\(geometry)")
    }
  }

  /// Samples that begin within tasks and end in others.
  @Test(arguments: [(8, 3, 700), (21, 40, 65), (9, 8, 4100)])
  func whileElementwisePassesWrite(batchSize: Int, channels: Int, pixels: Int) throws {
    var random = TestRandom(seed: 6)
    let count = batchSize * channels * pixels
    let (a, b) = (random.floats(count), random.floats(count))
    let ones = [Float](repeating: 1, count: channels)
    let map = Extent3(depth: 1, height: 1, width: pixels)
    try expectSameSketches(map, batchSize: batchSize, channels: channels, "rectify") {
      engine, output, sketching in
      unsafe engine.rectify(
        input: a, output: output.pointer, count: count, negativeSlope: 0, sketching: sketching)
    }
    try expectSameSketches(map, batchSize: batchSize, channels: channels, "add") {
      engine, output, sketching in
      unsafe engine.add(
        a, b, into: output.pointer, count: count, negativeSlope: 0, sketching: sketching)
    }
    try expectSameSketches(map, batchSize: batchSize, channels: channels, "normalize") {
      engine, output, sketching in
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: Engine.batchNormalizationScratchBytes(
          rows: batchSize * pixels, channels: channels, threadCount: engine.threadCount),
        alignment: 64)
      defer { unsafe scratch.deallocate() }
      unsafe engine.batchNormalizationApply(
        input: a, mean: ones, variance: ones, epsilon: 1e-5, gamma: ones, beta: ones,
        output: output.pointer, rows: batchSize * pixels, channels: channels, negativeSlope: 0,
        sketching: sketching, scratch: scratch)
    }
  }

  @Test(arguments: [(8, 5, 28), (19, 33, 7)])
  func whilePoolingWrites(batchSize: Int, channels: Int, side: Int) throws {
    let geometry = try PoolingGeometry(
      batchSize: batchSize, channels: channels,
      inputExtent: Extent3(depth: 1, height: side, width: side),
      kernelExtent: Extent3(depth: 1, height: 2, width: 2),
      stride: Extent3(depth: 1, height: 2, width: 2))
    var random = TestRandom(seed: 7)
    let input = random.floats(geometry.inputCount)
    let side = (side - 2) / 2 + 1
    let map = Extent3(depth: 1, height: side, width: side)
    try expectSameSketches(map, batchSize: batchSize, channels: channels, "maximum") {
      engine, output, sketching in
      unsafe engine.maxPool(
        geometry, input: input, output: output.pointer, indices: nil, sketching: sketching)
    }
    try expectSameSketches(map, batchSize: batchSize, channels: channels, "mean") {
      engine, output, sketching in
      unsafe engine.averagePool(
        geometry, countIncludePadding: true, input: input, output: output.pointer,
        sketching: sketching)
    }
  }
}
