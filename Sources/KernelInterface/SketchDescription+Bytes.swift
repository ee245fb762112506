extension SketchDescription {
  /// The bytes that the sketch of a convolution's input takes.
  ///
  /// With s = samples × input channels: 4·s·(size + means) as floats, s·(⌈size·bits/8⌉ + 2 + 2·means)
  /// otherwise, where means is the number of means that are removed, and 2·s with a mask. Probes over
  /// channels leave
  /// 4 · samples × groups · size.
  ///
  /// - Parameter geometry: The convolution.
  /// - Returns: The bytes.
  public func byteCount(for geometry: ConvolutionGeometry) -> Int {
    if estimator.mixesChannels { return MultichannelPlan(self, geometry).byteCount }
    return SketchLayout(self, SketchPlan(self, geometry)).byteCount
  }

  /// The bytes of scratch that making a sketch takes: tiles of probes, and small sums.
  ///
  /// - Parameters:
  ///   - geometry: The convolution.
  ///   - threadCount: The engine's number of threads.
  /// - Returns: The bytes; the same for every instruction set.
  public func sketchScratchByteCount(
    for geometry: ConvolutionGeometry, threadCount: Int
  ) -> Int {
    if estimator.mixesChannels {
      return MultichannelPlan(self, geometry).sketchScratchByteCount(threadCount: threadCount)
    }
    return SketchScratch(self, SketchPlan(self, geometry), threadCount: threadCount)
      .sketchByteCount
  }
}

/// Where the parts of scratch begin, in floats.
package struct SketchScratch: Hashable, Sendable {
  /// The floats of each owner of probes: a worker, or all workers together.
  package let tileStride: Int
  /// The sums of probes over each rectangle, rectangle by rectangle; `sumStride` for each owner.
  package let sumStart: Int
  package let sumStride: Int
  /// Sketches as floats where they are stored otherwise: of each worker or a group of samples.
  package private(set) var stagingStart: Int
  /// Sums of output gradients that taps have in common; `commonStride` for each worker.
  package let commonStart: Int
  package let commonStride: Int
  /// The compressed output gradients of a group of samples: tap by tap, sample by sample.
  package private(set) var compressedStart: Int
  /// The sums of each sample's output gradient over its pixels: of a group of samples.
  package private(set) var biasStart: Int
  /// Where pixels and taps find their rows in padded copies; then, `copyStride` for each worker, a
  /// copy and the signs of a sample.
  package let offsetStart: Int
  package let tapOffsetStart: Int
  package let copyStart: Int
  package let copyStride: Int
  package let copySignStart: Int
  /// The gradients of the parts of the batch.
  package let partialStart: Int
  /// From a worker's staging, compressed gradients and sums to the next worker's, where each has its
  /// own.
  private let stagingStride: Int
  private let compressedStride: Int
  private let biasStride: Int
  /// Some channels of a sample without what a mask tells, of each worker; while sketches are made.
  package let residueStart: Int
  package let residueStride: Int
  package let sketchByteCount: Int
  package let gradientByteCount: Int

  /// The channels of a task that makes sketches: few enough for the buckets of a fold to stay in the
  /// nearest cache.
  package static let taskChannels = 64

  package init(_ description: SketchDescription, _ plan: SketchPlan, threadCount: Int) {
    // Parts begin at multiples of 64 bytes, as the whole does.
    func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
    let owners = description.estimator.drawsPerSample ? threadCount : 1
    tileStride = rounded(plan.probeTileCount)
    sumStart = owners * tileStride
    sumStride = rounded(plan.boxes.count * plan.sketchRows)
    stagingStart = sumStart + owners * sumStride
    let isDivided = plan.partCount > 1
    let groups = isDivided ? threadCount : 1
    stagingStride =
      description.storage == .float32 ? 0 : rounded(plan.groupSize * plan.sketchCount)
    let made = description.storage == .float32 ? 0 : threadCount * plan.sketchCount
    commonStart = stagingStart + max(groups * stagingStride, rounded(made))
    commonStride = plan.boxes.count == 0 ? 0 : rounded(plan.geometry.outputChannels)
    compressedStart = commonStart + threadCount * commonStride
    let taps = plan.geometry.kernelExtent.volume
    compressedStride = rounded(plan.groupSize * taps * plan.compressedCount)
    biasStart = compressedStart + groups * compressedStride
    biasStride = rounded(plan.groupSize * plan.geometry.outputChannels)
    offsetStart = biasStart + groups * biasStride
    let copies = TapFoldPlan(description, plan.geometry)
    tapOffsetStart = offsetStart + (copies == nil ? 0 : rounded(plan.pixelCount))
    copyStart = tapOffsetStart + (copies == nil ? 0 : rounded(taps))
    copySignStart = copies.map { rounded($0.copyCount) } ?? 0
    copyStride = copySignStart + (copies == nil ? 0 : rounded(plan.pixelCount))
    partialStart = copyStart + threadCount * copyStride
    let end = partialStart + (isDivided ? plan.partCount * plan.partialCount : 0)
    residueStart = commonStart
    residueStride = description.usesMask ? plan.pixelCount * Self.taskChannels : 0
    sketchByteCount =
      (residueStart + threadCount * residueStride) * MemoryLayout<Float>.size
    gradientByteCount = end * MemoryLayout<Float>.size
  }

  /// The same with the staging, compressed gradients and sums of a worker, where each has its own.
  package func ofWorker(_ worker: Int) -> SketchScratch {
    var parts = self
    parts.stagingStart += worker * stagingStride
    parts.compressedStart += worker * compressedStride
    parts.biasStart += worker * biasStride
    return parts
  }
}
