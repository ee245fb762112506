import KernelInterface

/// What the parts of making or reading a sketch share.
@safe
struct SketchPass {
  let engine: Engine
  let description: SketchDescription
  let geometry: ConvolutionGeometry
  let plan: SketchPlan
  let layout: SketchLayout
  var parts: SketchScratch
  let scratch: UnsafeMutablePointer<Float>
  let probes: SketchProbes

  init(
    _ engine: Engine, _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    scratch: UnsafeMutableRawPointer, probes: SketchProbes
  ) {
    self.engine = engine
    self.description = description
    self.geometry = geometry
    plan = SketchPlan(description, geometry)
    layout = SketchLayout(description, plan)
    parts = SketchScratch(description, plan, threadCount: engine.threadCount)
    unsafe self.scratch = scratch.assumingMemoryBound(to: Float.self)
    self.probes = probes
  }

  var kernels: any KernelSet { engine.kernels }

  var isFold: Bool { description.estimator == .fold }

  var drawsPerSample: Bool { description.estimator.drawsPerSample }

  /// The tile of probes of a worker, or the one that all share.
  func probeTile(worker: Int) -> UnsafeMutablePointer<Float> {
    unsafe scratch + (drawsPerSample ? worker : 0) * parts.tileStride
  }

  /// The sums of probes over each rectangle, of a worker or shared.
  func probeSums(worker: Int) -> UnsafeMutablePointer<Float> {
    unsafe scratch + (parts.sumStart + (drawsPerSample ? worker : 0) * parts.sumStride)
  }
}

// MARK: - Probes

extension SketchPass {
  /// Writes a tile of the probe matrix, pixel by pixel, on the calling thread.
  func writeProbes(
    of tile: SketchTile, sample: Int, to destination: UnsafeMutablePointer<Float>
  ) {
    unsafe writeProbes(
      first: tile.firstPixel * plan.probesPerPixel, count: tile.pixelCount * plan.probesPerPixel,
      sample: sample, to: destination)
  }

  /// Writes a tile of probes that all samples share, on all threads.
  func writeSharedProbes(of tile: SketchTile, to destination: UnsafeMutablePointer<Float>) {
    let first = tile.firstPixel * plan.probesPerPixel
    let count = tile.pixelCount * plan.probesPerPixel
    let taskLength = 4096
    engine.pool.parallel(taskCount: (count + taskLength - 1) / taskLength) { task, _ in
      let offset = task * taskLength
      unsafe writeProbes(
        first: first + offset, count: min(taskLength, count - offset), sample: 0,
        to: destination + offset)
    }
  }

  func writeProbes(
    first: Int, count: Int, sample: Int, to destination: UnsafeMutablePointer<Float>
  ) {
    if case .given(let values) = probes {
      let sampleCount = drawsPerSample ? plan.pixelCount * plan.probesPerPixel : 0
      unsafe destination.update(from: values + (sample * sampleCount + first), count: count)
      return
    }
    let stream = description.stream(.probes, sample: drawsPerSample ? sample : 0)
    switch description.estimator {
    case .gaussian, .gaussianPerSample, .gaussianMultichannel, .orthogonal:
      unsafe kernels.fillNormals(stream: stream, first: first, count: count, into: destination)
    case .rademacher, .rademacherPerSample, .fold:
      unsafe kernels.fillSigns(stream: stream, first: first, count: count, into: destination)
    }
  }

  /// Adds the probes of a tile to their sums over each rectangle: the sketches of maps that are 1
  /// there and 0 elsewhere.
  func addProbeSums(
    of tile: SketchTile, probes: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>
  ) {
    let height = geometry.inputExtent.height
    for index in 0..<plan.boxes.count {
      let box = plan.boxes[index]
      let columns = box.columns.clamped(to: tile.columns)
      guard !columns.isEmpty else { continue }
      let target = unsafe sums + index * plan.sketchRows
      for row in tile.rows
      where box.depths.contains(row / height) && box.heights.contains(row % height) {
        let offset =
          (row - tile.rows.lowerBound) * tile.columns.count
          + (columns.lowerBound - tile.columns.lowerBound)
        if isFold {
          unsafe kernels.addFoldedSigns(
            probes + offset, count: columns.count, firstBucket: tile.firstPixel + offset,
            bucketCount: plan.sketchRows, into: target)
        } else {
          unsafe kernels.addColumnSums(
            probes + offset * plan.sketchRows, columns: plan.sketchRows, runs: 1, runStep: 0,
            length: columns.count, step: plan.sketchRows, into: target)
        }
      }
    }
  }
}
