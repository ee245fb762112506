/// How the work of a sketch is cut up whose probes extend over the channels of a group.
///
/// A probe z_j is as large as an input of one sample. The estimate is the mean over the probes of the
/// exact weight gradient of the pair z_j and V_j = Σ_b S[b][j]·dY_b, where S[b][j] = z_j · x_b.
package struct MultichannelPlan: Hashable, Sendable {
  package let geometry: ConvolutionGeometry
  package let probeCount: Int
  /// The tiles of the map; the sketch's plan for one random number a pixel and channel.
  package let tiles: SketchPlan
  /// The probes whose sums V_j are held at a time.
  package let blockSize: Int
  /// Whether each channel takes part in some probes only.
  package let hasSupports: Bool

  /// The floats of sums of output gradients: a megabyte.
  private static let sumCapacity = 262_144

  package init(_ description: SketchDescription, _ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    probeCount = description.size
    tiles = SketchPlan(geometry, sketchRows: 1, probesPerPixel: geometry.inputChannels)
    blockSize = max(1, min(8, description.size, Self.sumCapacity / max(1, sumCount(geometry))))
    hasSupports = description.estimator == .orthogonal
  }

  /// The floats of a sketch of one sample.
  package var sketchCount: Int { geometry.groups * probeCount }

  /// The bytes of the sketches.
  package var byteCount: Int {
    geometry.batchSize * sketchCount * MemoryLayout<Float>.size
  }

  // MARK: Scratch, in floats

  /// The weights of channels in probes: probe by probe.
  package var weightCount: Int {
    hasSupports ? rounded(probeCount * geometry.inputChannels) : 0
  }

  /// The permutation that supports are drawn from, as 32-bit integers.
  package var permutationCount: Int {
    hasSupports ? rounded(SketchSupports.permutationCount(self)) : 0
  }

  package var tileStart: Int { weightCount + permutationCount }

  /// What follows the tile: sums by channel for each worker, or sums of output gradients.
  package var sumStart: Int { tileStart + rounded(tiles.probeTileCount) }

  package var channelSumStride: Int { rounded(geometry.inputChannels) }

  package func sketchScratchByteCount(threadCount: Int) -> Int {
    (sumStart + threadCount * channelSumStride) * MemoryLayout<Float>.size
  }

  package var gradientScratchByteCount: Int {
    (sumStart + blockSize * sumCount(geometry)) * MemoryLayout<Float>.size
  }
}

/// The floats of an output gradient of one sample.
private func sumCount(_ geometry: ConvolutionGeometry) -> Int {
  geometry.outputExtent.volume * geometry.outputChannels
}

/// Parts begin at multiples of 64 bytes.
private func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
