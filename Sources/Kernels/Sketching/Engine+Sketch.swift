import KernelInterface

extension Engine {
  /// Compresses the input of a convolution to a sketch; allocates nothing.
  ///
  /// With probes z_j over the pixels of a map, row j of a sample's sketch holds the products of z_j
  /// with the maps of all channels, divided by the number of probes.
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
    let plan = SketchPlan(description, geometry)
    let channels = geometry.inputChannels
    let sketchCount = plan.rowCount * channels
    let sketches = unsafe stored.assumingMemoryBound(to: Float.self)
    let probeTile = unsafe scratch.assumingMemoryBound(to: Float.self)
    let taskChannels = 64
    let tasksPerSample = (channels + taskChannels - 1) / taskChannels

    unsafe sketches.update(repeating: 0, count: geometry.batchSize * sketchCount)
    for index in 0..<plan.tileCount {
      let tile = plan.tile(index)
      unsafe writeProbes(description, of: tile, from: probes, to: probeTile)
      pool.parallel(taskCount: geometry.batchSize * tasksPerSample) { task, _ in
        let sample = task / tasksPerSample
        let channel = task % tasksPerSample * taskChannels
        let pixel = sample * plan.pixelCount + tile.firstPixel
        unsafe kernels.addTransposedProduct(
          TransposedProduct(
            rows: plan.rowCount, columns: min(taskChannels, channels - channel),
            length: tile.pixelCount,
            left: probeTile, leftStep: plan.rowCount,
            right: input + (pixel * channels + channel), rightStep: channels,
            result: sketches + (sample * sketchCount + channel), resultStep: channels))
      }
    }
    let scale = 1 / Float(description.size)
    for index in 0..<geometry.batchSize * sketchCount {
      unsafe sketches[index] *= scale
    }
  }
}
