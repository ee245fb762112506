/// Where the parts of stored sketches begin, in bytes.
///
/// Floats: sample by sample, the rows of the sketch and then the carried means, channels innermost.
/// Bytes: for all samples the scales, then the carried means, both in 16 bits, then the rows of
/// bytes, each of one to four rows of levels. With a mask, the means of positive pixels come last, in
/// 16 bits.
package struct SketchLayout: Hashable, Sendable {
  /// The bytes of a sample's carried means, which begin at `meansStart`; 0 for floats.
  package let meansStride: Int
  package let meansStart: Int
  /// The bytes of a sample's rows, which begin at `rowsStart`.
  package let rowsStride: Int
  package let rowsStart: Int
  /// The bytes of a sample's scales, which begin at the start; 0 for floats.
  package let scalesStride: Int
  /// The bytes of a sample's means of positive pixels, which begin at `positiveMeansStart`.
  package let positiveMeansStride: Int
  package let positiveMeansStart: Int
  /// The bytes of all samples.
  package let byteCount: Int

  package init(_ description: SketchDescription, _ plan: SketchPlan) {
    let (samples, channels) = (plan.geometry.batchSize, plan.geometry.inputChannels)
    switch description.storage {
    case .float32:
      (scalesStride, meansStride, meansStart, rowsStart) = (0, 0, 0, 0)
      rowsStride = plan.sketchCount * MemoryLayout<Float>.size
    case .int8, .int4, .int2:
      scalesStride = channels * MemoryLayout<UInt16>.size
      meansStride = plan.boxes.count * channels * MemoryLayout<UInt16>.size
      meansStart = samples * scalesStride
      rowsStart = meansStart + samples * meansStride
      let rowsPerByte = 8 / description.storage.bits
      rowsStride = (plan.sketchRows + rowsPerByte - 1) / rowsPerByte * channels
    }
    positiveMeansStart = rowsStart + samples * rowsStride
    positiveMeansStride = description.usesMask ? channels * MemoryLayout<UInt16>.size : 0
    byteCount = positiveMeansStart + samples * positiveMeansStride
  }
}
