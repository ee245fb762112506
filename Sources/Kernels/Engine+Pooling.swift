import KernelInterface

extension Engine {
  /// Writes the maximum of every window; padding counts as −∞, and a NaN wins.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - input: `geometry.inputCount` elements, channels innermost.
  ///   - output: `geometry.outputCount` elements.
  ///   - indices: If given, `geometry.outputCount` times `geometry.indexByteCount` bytes, aligned to
  ///     as many: which cell of the window held the maximum, in row-major order over the whole window;
  ///     of equal cells the first.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func maxPool(
    _ geometry: PoolingGeometry, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    indices: UnsafeMutableRawPointer?, sketching: SampleSketching? = nil
  ) {
    forEachOutputRows(geometry, sketching) { rows in
      switch (unsafe indices, geometry.indexByteCount) {
      case (let indices?, 2):
        unsafe WideMaxPooling<UInt16>.forward(
          geometry, outputRows: rows, input: input, output: output, indices: indices)
      case (let indices?, 4):
        unsafe WideMaxPooling<UInt32>.forward(
          geometry, outputRows: rows, input: input, output: output, indices: indices)
      default:
        unsafe kernels.maxPool(
          geometry, outputRows: rows, input: input, output: output,
          indices: indices?.assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  /// The gradient of max-pooling: it goes to the cell that the index names.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - indices: What `maxPool` wrote.
  ///   - outputGradient: `geometry.outputCount` elements.
  ///   - inputGradient: `geometry.inputCount` elements.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func maxPoolBackward(
    _ geometry: PoolingGeometry, indices: UnsafeRawPointer,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let rowElements = geometry.width.input * geometry.channels
    forEachRows(geometry.inputRows, elements: rowElements) { rows in
      switch geometry.indexByteCount {
      case 2:
        unsafe WideMaxPooling<UInt16>.backward(
          geometry, inputRows: rows, indices: indices, outputGradient: outputGradient,
          inputGradient: inputGradient, accumulate: accumulate)
      case 4:
        unsafe WideMaxPooling<UInt32>.backward(
          geometry, inputRows: rows, indices: indices, outputGradient: outputGradient,
          inputGradient: inputGradient, accumulate: accumulate)
      default:
        unsafe kernels.maxPoolBackward(
          geometry, inputRows: rows, indices: indices.assumingMemoryBound(to: UInt8.self),
          outputGradient: outputGradient, inputGradient: inputGradient, accumulate: accumulate)
      }
    }
  }

  /// Writes the mean of every window.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - countIncludePadding: Whether to divide by the cells of the window that lie inside the padded
  ///     map, which is all of them without ceil mode, or by those inside the map.
  ///   - input: `geometry.inputCount` elements, channels innermost.
  ///   - output: `geometry.outputCount` elements.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func averagePool(
    _ geometry: PoolingGeometry, countIncludePadding: Bool, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, sketching: SampleSketching? = nil
  ) {
    forEachOutputRows(geometry, sketching) { rows in
      unsafe kernels.averagePool(
        geometry, outputRows: rows, countIncludePadding: countIncludePadding, input: input,
        output: output)
    }
  }

  /// The gradient of average pooling; it reads nothing of the forward pass.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - geometry: The sizes.
  ///   - countIncludePadding: As in the forward pass.
  ///   - outputGradient: `geometry.outputCount` elements.
  ///   - inputGradient: `geometry.inputCount` elements.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func averagePoolBackward(
    _ geometry: PoolingGeometry, countIncludePadding: Bool,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let rowElements = geometry.width.input * geometry.channels
    forEachRows(geometry.inputRows, elements: rowElements) { rows in
      unsafe kernels.averagePoolBackward(
        geometry, inputRows: rows, countIncludePadding: countIncludePadding,
        outputGradient: outputGradient, inputGradient: inputGradient, accumulate: accumulate)
    }
  }

  /// Writes the mean over all pixels of every channel of every sample.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (batch, pixels, channels).
  ///   - output: (batch, channels).
  ///   - batch: The number of samples.
  ///   - pixels: The number of pixels; at least 1.
  ///   - channels: The number of channels.
  public func globalAveragePool(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    batch: Int, pixels: Int, channels: Int
  ) {
    forEachRows(batch, elements: pixels * channels) { samples in
      for sample in samples {
        let sums = unsafe output + sample * channels
        unsafe kernels.fill(sums, with: 0, count: channels)
        unsafe kernels.columnSums(
          input + sample * pixels * channels, count: pixels * channels, columns: channels,
          sums: sums)
        unsafe kernels.scale(sums, by: 1 / Float(pixels), count: channels)
      }
    }
  }

  /// The gradient of global average pooling: every pixel gets its share.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - outputGradient: (batch, channels).
  ///   - inputGradient: (batch, pixels, channels).
  ///   - batch: The number of samples.
  ///   - pixels: The number of pixels; at least 1.
  ///   - channels: The number of channels.
  ///   - accumulate: Whether to add to `inputGradient` instead of overwriting it.
  public func globalAveragePoolBackward(
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    batch: Int, pixels: Int, channels: Int, accumulate: Bool
  ) {
    forEachRows(batch, elements: pixels * channels) { samples in
      for sample in samples {
        unsafe kernels.broadcast(
          outputGradient + sample * channels, times: 1 / Float(pixels),
          into: inputGradient + sample * pixels * channels, rows: pixels, columns: channels,
          accumulate: accumulate)
      }
    }
  }

  /// Runs `body` in parallel over ranges of rows, each of so many rows that it is worth a task.
  func forEachRows(
    _ rows: Int, elements: Int, written: Int = 1, sketching: SampleSketching? = nil,
    _ body: (Range<Int>) -> Void
  ) {
    forEachRange(
      of: rows, length: max(1, WorkSplit.taskElements / max(1, elements)), written: written,
      sketching: sketching, body)
  }

  /// Runs `body` in parallel over ranges of rows that a pooling writes.
  private func forEachOutputRows(
    _ geometry: PoolingGeometry, _ sketching: SampleSketching?, _ body: (Range<Int>) -> Void
  ) {
    let written = geometry.width.output * geometry.channels
    forEachRows(
      geometry.outputRows, elements: written * geometry.kernelExtent.volume, written: written,
      sketching: sketching, body)
  }
}
