import KernelInterface

/// The means of an output gradient over rectangles of the input map, at the places that taps read.
///
/// All taps read nearly the same outputs: what they have in common is summed up once.
extension SketchPass {
  /// Writes the means of a sample for all taps, behind the rows that probes or buckets fill.
  func writeMeans(
    _ outputGradient: UnsafePointer<Float>, samples: Range<Int>, member: Int, worker: Int
  ) {
    let channels = geometry.outputChannels
    let taps = geometry.kernelExtent.volume
    let sampleCount = geometry.outputExtent.volume * channels
    let gradient = unsafe outputGradient + (samples.lowerBound + member) * sampleCount
    let common = unsafe scratch + (parts.commonStart + worker * parts.commonStride)
    for index in 0..<plan.boxes.count {
      let box = plan.boxes[index]
      let offset = (plan.sketchRows + index) * channels
      for tap in 0..<taps {
        unsafe (compressed(tap: tap, member: member) + offset)
          .update(repeating: 0, count: channels)
      }
      for depth in 0..<geometry.outputExtent.depth {
        unsafe addPlane(gradient, box, depth: depth, member: member, offset: offset, common: common)
      }
      for tap in 0..<taps {
        let row = unsafe compressed(tap: tap, member: member) + offset
        let factor = 1 / Float(box.pixelCount)
        for channel in 0..<channels { unsafe row[channel] *= factor }
      }
    }
  }

  /// Adds the sums over the outputs of one depth.
  private func addPlane(
    _ gradient: UnsafePointer<Float>, _ box: SketchBox, depth: Int, member: Int, offset: Int,
    common: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.outputChannels
    let kernel = geometry.kernelExtent
    let commonRows = intersection(geometry.heightAxis, reading: box.heights, taps: kernel.height)
    let commonColumns = intersection(geometry.widthAxis, reading: box.columns, taps: kernel.width)
    let hasCommon = !commonRows.isEmpty && !commonColumns.isEmpty
    if hasCommon {
      unsafe common.update(repeating: 0, count: channels)
      unsafe addSum(gradient, depth, commonRows, commonColumns, to: common)
    }
    for tap in 0..<kernel.volume {
      let tapDepth = tap / (kernel.width * kernel.height)
      guard geometry.depthAxis.outputs(reading: box.depths, tap: tapDepth).contains(depth) else {
        continue
      }
      let rows = geometry.heightAxis.outputs(
        reading: box.heights, tap: tap / kernel.width % kernel.height)
      let columns = geometry.widthAxis.outputs(reading: box.columns, tap: tap % kernel.width)
      let row = unsafe compressed(tap: tap, member: member) + offset
      guard hasCommon else {
        unsafe addSum(gradient, depth, rows, columns, to: row)
        continue
      }
      for channel in 0..<channels { unsafe row[channel] += common[channel] }
      unsafe addSum(gradient, depth, rows.lowerBound..<commonRows.lowerBound, columns, to: row)
      unsafe addSum(gradient, depth, commonRows.upperBound..<rows.upperBound, columns, to: row)
      unsafe addSum(
        gradient, depth, commonRows, columns.lowerBound..<commonColumns.lowerBound, to: row)
      unsafe addSum(
        gradient, depth, commonRows, commonColumns.upperBound..<columns.upperBound, to: row)
    }
  }

  /// The outputs that read a range through every tap.
  private func intersection(_ axis: SketchAxis, reading inputs: Range<Int>, taps: Int) -> Range<Int>
  {
    var (start, end) = (0, axis.outputCount)
    for tap in 0..<taps {
      let outputs = axis.outputs(reading: inputs, tap: tap)
      start = max(start, outputs.lowerBound)
      end = min(end, outputs.upperBound)
    }
    return start..<max(start, end)
  }

  private func addSum(
    _ gradient: UnsafePointer<Float>, _ depth: Int, _ rows: Range<Int>, _ columns: Range<Int>,
    to target: UnsafeMutablePointer<Float>
  ) {
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let channels = geometry.outputChannels
    let extent = geometry.outputExtent
    let pixel = (depth * extent.height + rows.lowerBound) * extent.width + columns.lowerBound
    unsafe kernels.addColumnSums(
      gradient + pixel * channels, columns: channels, runs: rows.count,
      runStep: extent.width * channels, length: columns.count, step: channels, into: target)
  }
}
