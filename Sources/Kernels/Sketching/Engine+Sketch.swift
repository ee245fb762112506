import KernelInterface

extension Engine {
  /// Compresses the input of a convolution to a sketch; allocates nothing.
  ///
  /// With probes z_j over the pixels of a map, row j of a sample's sketch holds the products of z_j
  /// with the maps of all channels, divided by the number of probes; a fold's row is a bucket.
  ///
  /// - Parameters:
  ///   - description: The sketch.
  ///   - geometry: The convolution.
  ///   - input: The convolution's input: batch, depth, height, width, channels.
  ///   - stored: Receives `description.byteCount(for: geometry)` bytes, aligned to 4.
  ///   - scratch: `description.sketchScratchByteCount(for:threadCount:)` bytes, aligned to 64.
  public func sketch(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    input: UnsafePointer<Float>, into stored: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) {
    unsafe sketch(
      description, geometry, input: input, into: stored, scratch: scratch, probes: .drawn)
  }

  package func sketch(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    input: UnsafePointer<Float>, into stored: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer, probes: SketchProbes
  ) {
    if description.estimator.mixesChannels {
      let pass = unsafe MultichannelPass(self, description, geometry, scratch: scratch)
      unsafe pass.sketch(input, into: stored.assumingMemoryBound(to: Float.self))
      return
    }
    let pass = unsafe SketchPass(self, description, geometry, scratch: scratch, probes: probes)
    let groupSize = pass.sketchGroupSize
    for first in stride(from: 0, to: geometry.batchSize, by: groupSize) {
      let samples = first..<min(first + groupSize, geometry.batchSize)
      unsafe pass.compress(input, samples: samples, into: stored)
    }
  }
}

extension SketchPass {
  private static var taskChannels: Int { SketchScratch.taskChannels }

  /// The samples that are sketched at a time: all, unless all share their probes and need a place
  /// where they wait as floats for the last tile.
  var sketchGroupSize: Int {
    description.storage == .float32 || drawsPerSample ? geometry.batchSize : plan.groupSize
  }

  /// Makes the sketches of a group of samples.
  func compress(
    _ input: UnsafePointer<Float>, samples: Range<Int>, into stored: UnsafeMutableRawPointer
  ) {
    let partsPerSample = partsPerSample
    func forEachPart(_ body: (_ part: SketchPart, _ worker: Int) -> Void) {
      engine.pool.parallel(taskCount: samples.count * partsPerSample) { task, worker in
        let member = task / partsPerSample
        unsafe body(
          part(
            task % partsPerSample, of: input, sample: samples.lowerBound + member,
            place: drawsPerSample ? worker : member, stored: stored), worker)
      }
    }
    if drawsPerSample {
      forEachPart { part, worker in unsafe compress(part, worker: worker, stored: stored) }
      return
    }
    let (tileProbes, sums) = unsafe (probeTile(worker: 0), probeSums(worker: 0))
    unsafe sums.update(repeating: 0, count: plan.boxes.count * plan.sketchRows)
    for index in 0..<plan.tileCount {
      let tile = plan.tile(index)
      unsafe writeSharedProbes(of: tile, to: tileProbes)
      unsafe addProbeSums(of: tile, probes: tileProbes, to: sums)
      forEachPart { part, _ in
        unsafe add(tile: tile, isFirst: index == 0, probes: tileProbes, to: part)
      }
    }
    forEachPart { part, _ in
      unsafe finish(part, sums: sums, stored: stored)
    }
  }

  /// The parts that the channels of a sample are divided into.
  private var partsPerSample: Int {
    (geometry.inputChannels + Self.taskChannels - 1) / Self.taskChannels
  }

  /// Some channels of a sample, whose rows wait at a place in scratch unless they are stored as floats.
  private func part(
    _ index: Int, of input: UnsafePointer<Float>, sample: Int, place: Int,
    stored: UnsafeMutableRawPointer
  ) -> SketchPart {
    let channel = index * Self.taskChannels
    let rows =
      description.storage == .float32
      ? unsafe stored.assumingMemoryBound(to: Float.self) + sample * plan.sketchCount
      : unsafe scratch + (parts.stagingStart + place * plan.sketchCount)
    return unsafe SketchPart(
      sample: sample,
      channels: channel..<min(channel + Self.taskChannels, geometry.inputChannels),
      rows: rows + channel,
      source: input + (sample * plan.pixelCount * geometry.inputChannels + channel),
      sourceStep: geometry.inputChannels)
  }

  /// Makes the sketch of a sample with random numbers of its own, on the calling thread.
  func compress(
    _ input: UnsafePointer<Float>, sample: Int, worker: Int, into stored: UnsafeMutableRawPointer
  ) {
    for index in 0..<partsPerSample {
      unsafe compress(
        part(index, of: input, sample: sample, place: worker, stored: stored), worker: worker,
        stored: stored)
    }
  }

  /// The same for some of its channels.
  private func compress(_ part: SketchPart, worker: Int, stored: UnsafeMutableRawPointer) {
    let part =
      description.usesMask ? unsafe residue(of: part, worker: worker, stored: stored) : part
    let (tileProbes, sums) = unsafe (probeTile(worker: worker), probeSums(worker: worker))
    unsafe sums.update(repeating: 0, count: plan.boxes.count * plan.sketchRows)
    for index in 0..<plan.tileCount {
      let tile = plan.tile(index)
      unsafe writeProbes(of: tile, sample: part.sample, to: tileProbes)
      unsafe addProbeSums(of: tile, probes: tileProbes, to: sums)
      unsafe add(tile: tile, isFirst: index == 0, probes: tileProbes, to: part)
    }
    unsafe finish(part, sums: sums, stored: stored)
  }

  /// Takes what a mask tells from the channels of a part: the mean of the positive pixels, as it is
  /// stored.
  private func residue(
    of part: SketchPart, worker: Int, stored: UnsafeMutableRawPointer
  ) -> SketchPart {
    let residue = unsafe scratch + (parts.residueStart + worker * parts.residueStride)
    let means =
      unsafe stored
      + (layout.positiveMeansStart + part.sample * layout.positiveMeansStride
        + part.channels.lowerBound * MemoryLayout<UInt16>.size)
    unsafe kernels.subtractPositiveMeans(
      part.source, step: part.sourceStep, rows: plan.pixelCount, columns: part.channels.count,
      into: residue, destinationStep: part.channels.count, means: means)
    return unsafe SketchPart(
      sample: part.sample, channels: part.channels, rows: part.rows, source: residue,
      sourceStep: part.channels.count)
  }

  /// Adds a tile of the input to the rows of a sketch.
  private func add(
    tile: SketchTile, isFirst: Bool, probes: UnsafePointer<Float>, to part: SketchPart
  ) {
    let channels = geometry.inputChannels
    if isFirst {
      for row in 0..<plan.sketchRows {
        unsafe (part.rows + row * channels).update(repeating: 0, count: part.channels.count)
      }
    }
    let source = unsafe part.source + tile.firstPixel * part.sourceStep
    if isFold {
      unsafe kernels.addSignedFold(
        SignedFold(
          columns: part.channels.count, length: tile.pixelCount,
          source: source, sourceStep: part.sourceStep, signs: probes,
          buckets: part.rows, bucketCount: plan.sketchRows, firstBucket: tile.firstPixel,
          bucketStride: channels))
    } else {
      unsafe kernels.addTransposedProduct(
        TransposedProduct(
          rows: plan.sketchRows, columns: part.channels.count, length: tile.pixelCount,
          left: probes, leftStep: plan.sketchRows, right: source, rightStep: part.sourceStep,
          result: part.rows, resultStep: channels))
    }
  }
}

/// Some channels of a sample's sketch, as floats.
@safe
struct SketchPart {
  let sample: Int
  let channels: Range<Int>
  /// The first of these channels in the first row; rows lie as far apart as there are channels.
  let rows: UnsafeMutablePointer<Float>
  /// The first of these channels in the first pixel, and the floats from a pixel to the next.
  let source: UnsafePointer<Float>
  let sourceStep: Int

  init(
    sample: Int, channels: Range<Int>, rows: UnsafeMutablePointer<Float>,
    source: UnsafePointer<Float>, sourceStep: Int
  ) {
    self.sample = sample
    self.channels = channels
    unsafe self.rows = rows
    unsafe self.source = source
    self.sourceStep = sourceStep
  }
}
