import KernelInterface

/// Sketches whose probes extend over the channels of a group, as published; see `MultichannelPlan`.
@safe
struct MultichannelPass {
  let engine: Engine
  let geometry: ConvolutionGeometry
  let plan: MultichannelPlan
  private let stream: UInt64
  private let scratch: UnsafeMutablePointer<Float>

  init(
    _ engine: Engine, _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.geometry = geometry
    plan = MultichannelPlan(description, geometry)
    stream = description.stream(.probes)
    unsafe self.scratch = scratch.assumingMemoryBound(to: Float.self)
    if plan.hasSupports {
      unsafe SketchSupports.writeWeights(
        plan, stream: description.stream(.supports),
        permutation: (scratch + plan.weightCount * MemoryLayout<Float>.size)
          .assumingMemoryBound(to: Int32.self),
        weights: self.scratch)
    }
  }

  private var kernels: any KernelSet { engine.kernels }

  private var probeTile: UnsafeMutablePointer<Float> { unsafe scratch + plan.tileStart }

  /// Makes the sketches: sample by sample, group by group, a number for each probe.
  func sketch(_ input: UnsafePointer<Float>, into stored: UnsafeMutablePointer<Float>) {
    let channels = geometry.inputChannels
    unsafe stored.update(repeating: 0, count: geometry.batchSize * plan.sketchCount)
    for probe in 0..<plan.probeCount {
      for index in 0..<plan.tiles.tileCount {
        let tile = plan.tiles.tile(index)
        writeProbe(probe, tile)
        engine.pool.parallel(taskCount: geometry.batchSize) { sample, worker in
          let sums = unsafe scratch + (plan.sumStart + worker * plan.channelSumStride)
          let pixel = sample * plan.tiles.pixelCount + tile.firstPixel
          unsafe sums.update(repeating: 0, count: channels)
          unsafe kernels.addColumnProducts(
            probeTile, input + pixel * channels, into: sums, rows: tile.pixelCount,
            columns: channels)
          for channel in 0..<channels {
            let group = channel / geometry.groupInputChannels
            unsafe stored[sample * plan.sketchCount + group * plan.probeCount + probe] +=
              sums[channel]
          }
        }
      }
    }
    let factor = 1 / Float(plan.probeCount)
    for index in 0..<geometry.batchSize * plan.sketchCount { unsafe stored[index] *= factor }
  }

  /// Adds the sums of output gradients to a bias's gradient, sample by sample.
  func addBiasGradient(
    _ outputGradient: UnsafePointer<Float>, into biasGradient: UnsafeMutablePointer<Float>
  ) {
    let (channels, pixels) = (geometry.outputChannels, geometry.outputExtent.volume)
    for sample in 0..<geometry.batchSize {
      unsafe kernels.addColumnSums(
        outputGradient + sample * pixels * channels, columns: channels, runs: 1, runStep: 0,
        length: pixels, step: channels, into: biasGradient)
    }
  }

  /// Adds the estimate to a weight gradient.
  func addWeightGradient(
    _ stored: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    for first in stride(from: 0, to: plan.probeCount, by: plan.blockSize) {
      let probes = first..<min(first + plan.blockSize, plan.probeCount)
      unsafe writeSums(stored, outputGradient, probes: probes)
      for probe in probes {
        let sums =
          unsafe scratch
          + (plan.sumStart
            + (probe - first) * geometry.outputExtent.volume * geometry.outputChannels)
        for index in 0..<plan.tiles.tileCount {
          let tile = plan.tiles.tile(index)
          writeProbe(probe, tile)
          unsafe addProducts(tile, sums, into: weightGradient)
        }
      }
    }
  }

  /// Writes the part of a probe that belongs to a tile, pixel by pixel.
  private func writeProbe(_ probe: Int, _ tile: SketchTile) {
    let channels = geometry.inputChannels
    let taskPixels = max(1, 4096 / channels)
    engine.pool.parallel(
      taskCount: (tile.pixelCount + taskPixels - 1) / taskPixels
    ) { task, _ in
      let pixel = task * taskPixels
      let count = min(taskPixels, tile.pixelCount - pixel)
      let target = unsafe probeTile + pixel * channels
      unsafe kernels.fillNormals(
        stream: stream,
        first: (probe * plan.tiles.pixelCount + tile.firstPixel + pixel) * channels,
        count: count * channels, into: target)
      guard plan.hasSupports else { return }
      let weights = unsafe scratch + probe * channels
      for index in 0..<count {
        for channel in 0..<channels {
          unsafe target[index * channels + channel] *= weights[channel]
        }
      }
    }
  }

  /// Writes V_j = Σ_b S[b][j]·dY_b for a block of probes; each group has an S of its own.
  private func writeSums(
    _ stored: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>, probes: Range<Int>
  ) {
    let count = geometry.outputExtent.volume * geometry.outputChannels
    let sums = unsafe scratch + plan.sumStart
    unsafe sums.update(repeating: 0, count: probes.count * count)
    let columns = geometry.groups == 1 ? 4096 : geometry.groupOutputChannels
    engine.pool.parallel(taskCount: (count + columns - 1) / columns) { task, _ in
      let first = task * columns
      let group = geometry.groups == 1 ? 0 : task % geometry.groups
      unsafe kernels.addTransposedProduct(
        TransposedProduct(
          rows: probes.count, columns: min(columns, count - first), length: geometry.batchSize,
          left: stored + (group * plan.probeCount + probes.lowerBound),
          leftStep: plan.sketchCount,
          right: outputGradient + first, rightStep: count,
          result: sums + first, resultStep: count))
    }
  }

  /// Adds the exact weight gradient of a tile of a probe and the sums that belong to it.
  private func addProducts(
    _ tile: SketchTile, _ sums: UnsafePointer<Float>,
    into weightGradient: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    let channels = (input: geometry.inputChannels, output: geometry.outputChannels)
    let taskInputs = 32
    let tasksPerGroup = (inputs + taskInputs - 1) / taskInputs
    let tasksPerTap = tasksPerGroup * geometry.groups
    engine.pool.parallel(taskCount: geometry.kernelExtent.volume * tasksPerTap) { task, _ in
      let tap = task / tasksPerTap
      let group = task % tasksPerTap / tasksPerGroup
      let input = task % tasksPerGroup * taskInputs
      for window in SketchWindows(geometry, tap: tap, tile: tile) {
        let pixel =
          (window.inputRow - tile.rows.lowerBound) * tile.columns.count
          + (window.inputColumn - tile.columns.lowerBound)
        var product = unsafe TransposedProduct(
          rows: min(taskInputs, inputs - input), columns: outputs, length: window.columnCount,
          left: probeTile + (pixel * channels.input + group * inputs + input),
          leftStep: geometry.stride.width * channels.input,
          right: sums + (window.outputPixel * channels.output + group * outputs),
          rightStep: channels.output,
          result: weightGradient + ((tap * inputs + input) * channels.output + group * outputs),
          resultStep: channels.output)
        product.runs = window.rowCount
        product.leftRunStep = geometry.stride.height * tile.columns.count * channels.input
        product.rightRunStep = geometry.outputExtent.width * channels.output
        kernels.addTransposedProduct(product)
      }
    }
  }
}
