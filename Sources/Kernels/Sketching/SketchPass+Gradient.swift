import KernelInterface

/// The compression of an output gradient, as each tap of the kernel sees it.
extension SketchPass {
  /// Compresses the output gradients of a group of samples.
  ///
  /// They lie tap by tap, sample by sample, with rows as in the sketch of the input. Sketches that are
  /// not stored as floats are decoded beside.
  /// The gradient of a sample stays in a core's cache while all taps read it. Only where there are
  /// few samples do taps become tasks of their own.
  func compressGradient(
    _ outputGradient: UnsafePointer<Float>, samples: Range<Int>, stored: UnsafeRawPointer
  ) {
    let taps = geometry.kernelExtent.volume
    let tapsPerTask = plan.groupSize < 8 ? 1 : taps
    let tasksPerSample = taps / tapsPerTask
    func forEachTask(_ body: (_ member: Int, _ taps: Range<Int>, _ worker: Int) -> Void) {
      engine.pool.parallel(taskCount: samples.count * tasksPerSample) { task, worker in
        let first = task % tasksPerSample * tapsPerTask
        body(task / tasksPerSample, first..<first + tapsPerTask, worker)
      }
    }
    func prepare(_ member: Int, _ worker: Int) {
      unsafe self.prepare(outputGradient, samples: samples, member: member, worker: worker, stored)
    }
    if drawsPerSample {
      forEachTask { member, taps, worker in
        if taps.lowerBound == 0 { prepare(member, worker) }
        let tileProbes = unsafe probeTile(worker: worker)
        for index in 0..<plan.tileCount {
          let tile = plan.tile(index)
          unsafe writeProbes(of: tile, sample: samples.lowerBound + member, to: tileProbes)
          for tap in taps {
            unsafe add(
              outputGradient, samples: samples, member: member, tap: tap, tile: tile,
              isFirst: index == 0, probes: tileProbes)
          }
        }
      }
      return
    }
    for index in 0..<plan.tileCount {
      let tile = plan.tile(index)
      let tileProbes = unsafe probeTile(worker: 0)
      unsafe writeSharedProbes(of: tile, to: tileProbes)
      forEachTask { member, taps, worker in
        if index == 0, taps.lowerBound == 0 { prepare(member, worker) }
        for tap in taps {
          unsafe add(
            outputGradient, samples: samples, member: member, tap: tap, tile: tile,
            isFirst: index == 0, probes: tileProbes)
        }
      }
    }
  }

  /// Writes what a sample of a group needs besides its compressed output gradient.
  func prepare(
    _ outputGradient: UnsafePointer<Float>, samples: Range<Int>, member: Int, worker: Int,
    _ stored: UnsafeRawPointer
  ) {
    unsafe writeMeans(outputGradient, samples: samples, member: member, worker: worker)
    if description.storage != .float32 {
      unsafe decode(sample: samples.lowerBound + member, member: member, stored: stored)
    }
  }

  /// Sums the output gradients of a group of samples over their pixels.
  func sumGradient(_ outputGradient: UnsafePointer<Float>, samples: Range<Int>) {
    let channels = geometry.outputChannels
    let pixels = geometry.outputExtent.volume
    engine.pool.parallel(taskCount: samples.count) { member, _ in
      let sums = unsafe biasSums(member: member)
      unsafe sums.update(repeating: 0, count: channels)
      unsafe kernels.addColumnSums(
        outputGradient + (samples.lowerBound + member) * pixels * channels, columns: channels,
        runs: 1, runStep: 0, length: pixels, step: channels, into: sums)
    }
  }

  /// The compressed output gradient of a sample of the group.
  func compressed(tap: Int, member: Int) -> UnsafeMutablePointer<Float> {
    unsafe scratch
      + (parts.compressedStart + (tap * plan.groupSize + member) * plan.compressedCount)
  }

  /// Adds what the outputs that read a tile through a tap contribute.
  private func add(
    _ outputGradient: UnsafePointer<Float>, samples: Range<Int>, member: Int, tap: Int,
    tile: SketchTile, isFirst: Bool, probes: UnsafePointer<Float>
  ) {
    let target = unsafe compressed(tap: tap, member: member)
    let sampleCount = geometry.outputExtent.volume * geometry.outputChannels
    let gradient = unsafe outputGradient + (samples.lowerBound + member) * sampleCount
    if isFirst {
      unsafe target.update(repeating: 0, count: plan.sketchRows * geometry.outputChannels)
    }
    for window in SketchWindows(geometry, tap: tap, tile: tile) {
      let tilePixel =
        (window.inputRow - tile.rows.lowerBound) * tile.columns.count
        + (window.inputColumn - tile.columns.lowerBound)
      if isFold {
        unsafe addFold(gradient, window, tile, signs: probes + tilePixel, into: target)
      } else {
        unsafe addProduct(
          gradient, window, tile, probes: probes + tilePixel * plan.sketchRows, into: target)
      }
    }
  }

  private func addProduct(
    _ gradient: UnsafePointer<Float>, _ window: SketchWindow, _ tile: SketchTile,
    probes: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.outputChannels
    var product = unsafe TransposedProduct(
      rows: plan.sketchRows, columns: channels, length: window.columnCount,
      left: probes, leftStep: geometry.stride.width * plan.sketchRows,
      right: gradient + window.outputPixel * channels, rightStep: channels,
      result: target, resultStep: channels)
    product.runs = window.rowCount
    product.leftRunStep = geometry.stride.height * tile.columns.count * plan.sketchRows
    product.rightRunStep = geometry.outputExtent.width * channels
    kernels.addTransposedProduct(product)
  }

  /// A shift of the map is a shift of the buckets: no shifted copy is made.
  private func addFold(
    _ gradient: UnsafePointer<Float>, _ window: SketchWindow, _ tile: SketchTile,
    signs: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.outputChannels
    let width = geometry.inputExtent.width
    unsafe kernels.addSignedFold(
      SignedFold(
        columns: channels, runs: window.rowCount, length: window.columnCount,
        source: gradient + window.outputPixel * channels, sourceStep: channels,
        sourceRunStep: geometry.outputExtent.width * channels,
        signs: signs, signStep: geometry.stride.width,
        signRunStep: geometry.stride.height * tile.columns.count,
        buckets: target, bucketCount: plan.sketchRows,
        firstBucket: window.inputRow * width + window.inputColumn,
        bucketStep: geometry.stride.width, bucketRunStep: geometry.stride.height * width,
        bucketStride: channels))
  }
}
