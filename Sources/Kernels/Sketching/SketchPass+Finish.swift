import KernelInterface

/// What follows when all pixels are in a sketch: means are taken out, and numbers become bytes.
///
/// Let S = T x be a linear sketch with E[Tᵀ T] = 1, and 1_t the map that is 1 on rectangle t of n_t
/// pixels, with the means x̄_t. Then the sketch of x without its means is S − Σ x̄_t·T 1_t: it can be
/// centred afterwards. With the output gradient's sums y_t over the same rectangles the estimate is
///
///     Σ_t n_t x̄_t · y_t/n_t  +  T(x − Σ x̄_t 1_t) · T(y − Σ y_t/n_t 1_t)
///     = S_c · T y  +  Σ_t w_t · y_t/n_t        with  w_t = n_t x̄_t − T 1_t · S_c,
///
/// so rows w_t beside the centred rows S_c are all that the backward pass needs.
extension SketchPass {
  func finish(
    _ part: SketchPart, sums: UnsafePointer<Float>, stored: UnsafeMutableRawPointer
  ) {
    writeMeans(part)
    // Probes stand for T·√size; the division is made once, here.
    unsafe centre(part, sums: sums, factor: isFold ? 1 : 1 / Float(description.size))
    if description.storage != .float32 { unsafe encodeRows(part, stored: stored) }
    for index in 0..<plan.boxes.count {
      unsafe replaceMean(part, index: index, sums: sums)
      if description.storage != .float32 { unsafe encodeMeans(part, index: index, stored: stored) }
    }
  }

  /// Writes the means of the input over each rectangle behind the rows of the sketch.
  private func writeMeans(_ part: SketchPart) {
    let channels = geometry.inputChannels
    let extent = geometry.inputExtent
    for index in 0..<plan.boxes.count {
      let box = plan.boxes[index]
      let row = unsafe part.rows + (plan.sketchRows + index) * channels
      unsafe row.update(repeating: 0, count: part.channels.count)
      for depth in box.depths {
        let pixel =
          (depth * extent.height + box.heights.lowerBound) * extent.width + box.columns.lowerBound
        unsafe kernels.addColumnSums(
          part.source + pixel * part.sourceStep, columns: part.channels.count,
          runs: box.heights.count, runStep: extent.width * part.sourceStep,
          length: box.columns.count, step: part.sourceStep, into: row)
      }
      unsafe scale(row, count: part.channels.count, by: 1 / Float(box.pixelCount))
    }
  }

  /// Takes the means out of the rows of the sketch, and multiplies them by a factor.
  private func centre(_ part: SketchPart, sums: UnsafePointer<Float>, factor: Float) {
    let channels = geometry.inputChannels
    for index in 0..<plan.boxes.count {
      unsafe kernels.subtractProduct(
        part.rows, rows: plan.sketchRows, columns: part.channels.count, step: channels,
        factors: sums + index * plan.sketchRows,
        row: part.rows + (plan.sketchRows + index) * channels)
    }
    guard factor != 1 else { return }
    for row in 0..<plan.sketchRows {
      unsafe scale(part.rows + row * channels, count: part.channels.count, by: factor)
    }
  }

  /// Replaces the mean x̄_t by w_t.
  private func replaceMean(_ part: SketchPart, index: Int, sums: UnsafePointer<Float>) {
    let channels = geometry.inputChannels
    let row = unsafe part.rows + (plan.sketchRows + index) * channels
    unsafe scale(row, count: part.channels.count, by: Float(plan.boxes[index].pixelCount))
    unsafe kernels.subtractWeightedRows(
      part.rows, rows: plan.sketchRows, columns: part.channels.count, step: channels,
      factors: sums + index * plan.sketchRows, from: row)
  }

  private func scale(_ values: UnsafeMutablePointer<Float>, count: Int, by factor: Float) {
    for index in 0..<count { unsafe values[index] *= factor }
  }

  private func encodeRows(_ part: SketchPart, stored: UnsafeMutableRawPointer) {
    let channels = geometry.inputChannels
    let bytes = unsafe stored + (layout.rowsStart + part.sample * layout.rowsStride)
    let scales = unsafe stored + part.sample * layout.scalesStride
    unsafe kernels.encodeRows(
      part.rows, rows: plan.sketchRows, columns: part.channels.count, step: channels,
      bits: description.storage.bits,
      stream: description.stream(.sketchRounding, sample: part.sample),
      first: part.channels.lowerBound,
      into: bytes.assumingMemoryBound(to: UInt8.self) + part.channels.lowerBound,
      scales: scales.assumingMemoryBound(to: UInt16.self) + part.channels.lowerBound)
  }

  private func encodeMeans(_ part: SketchPart, index: Int, stored: UnsafeMutableRawPointer) {
    let channels = geometry.inputChannels
    let row = plan.sketchRows + index
    let halves = unsafe stored + (layout.meansStart + part.sample * layout.meansStride)
    unsafe kernels.encodeUpperHalves(
      part.rows + row * channels, count: part.channels.count,
      stream: description.stream(.sketchRounding, sample: part.sample),
      first: row * channels + part.channels.lowerBound,
      into: halves.assumingMemoryBound(to: UInt16.self)
        + (index * channels + part.channels.lowerBound))
  }
}
