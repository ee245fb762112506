import KernelInterface

extension Engine {
  /// Writes or adds a·b or a − b.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - operation: What is done with the two.
  ///   - a: (batch, pixels, channels).
  ///   - b: As many elements as `spread` says.
  ///   - spread: How `b` is spread over `a`.
  ///   - extent: The extent of `a`.
  ///   - output: As large as `a`; may be `a`, or `b` if that is as large.
  ///   - accumulate: Whether to add to the output instead of overwriting it.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    spread: OperandSpread, over extent: MapExtent, into output: UnsafeMutablePointer<Float>,
    accumulate: Bool = false, sketching: SampleSketching? = nil
  ) {
    let channels = extent.channels
    switch spread {
    case .elements:
      forEachRange(of: extent.elementCount, sketching: sketching) { range in
        let start = range.lowerBound
        unsafe kernels.combine(
          operation, a + start, row: b + start, into: output + start, rows: 1,
          columns: range.count, accumulate: accumulate)
      }
    case .channels:
      // A task is some pixels of one sample: the vector belongs to that.
      let length = max(1, WorkSplit.taskElements / channels)
      let parts = WorkSplit.parts(of: extent.pixels, length: length)
      pool.parallel(taskCount: extent.batch * parts) { task, worker in
        let sample = task / parts
        let first = task % parts * length
        let rows = min(length, extent.pixels - first)
        let start = (sample * extent.pixels + first) * channels
        unsafe kernels.combine(
          operation, a + start, row: b + sample * channels, into: output + start, rows: rows,
          columns: channels, accumulate: accumulate)
        sketching?.noteWritten(start..<start + rows * channels, worker: worker)
      }
    case .pixels:
      forEachRows(
        extent.batch * extent.pixels, elements: channels, written: channels, sketching: sketching
      ) { rows in
        let start = rows.lowerBound * channels
        unsafe kernels.combine(
          operation, a + start, column: b + rows.lowerBound, into: output + start,
          rows: rows.count, columns: channels, accumulate: accumulate)
      }
    }
  }

  /// Writes or adds the gradient of the second operand of `combine`: for each of its elements the sum
  /// of g·a, or of −g, over the elements that it is spread over.
  ///
  /// The sums are cut by sizes only, so that they do not depend on the threads. Allocates nothing.
  ///
  /// - Parameters:
  ///   - gradient: g: (batch, pixels, channels).
  ///   - a: The other factor of a product, as large; nil for what was subtracted.
  ///   - spread: How the operand is spread.
  ///   - extent: The extent of `gradient`.
  ///   - operandGradient: As many elements as `spread` says; may be `gradient` if that is as large.
  ///   - accumulate: Whether to add to `operandGradient` instead of overwriting it.
  public func combineBackward(
    _ gradient: UnsafePointer<Float>, with a: UnsafePointer<Float>?, spread: OperandSpread,
    over extent: MapExtent, into operandGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let channels = extent.channels
    switch spread {
    case .elements:
      forEachRange(of: extent.elementCount) { range in
        let start = range.lowerBound
        unsafe kernels.columnSums(
          ofProducts: gradient + start, with: a.map { unsafe $0 + start }, rows: 1,
          columns: range.count, stride: range.count, into: operandGradient + start,
          accumulate: accumulate)
      }
    case .channels:
      // All pixels of some channels are added by one task, in order.
      let length = 64
      let parts = WorkSplit.parts(of: channels, length: length)
      pool.parallel(taskCount: extent.batch * parts) { task, _ in
        let sample = task / parts
        let first = task % parts * length
        let start = sample * extent.pixels * channels + first
        unsafe kernels.columnSums(
          ofProducts: gradient + start, with: a.map { unsafe $0 + start }, rows: extent.pixels,
          columns: min(length, channels - first), stride: channels,
          into: operandGradient + sample * channels + first, accumulate: accumulate)
      }
    case .pixels:
      forEachRows(extent.batch * extent.pixels, elements: channels) { rows in
        let start = rows.lowerBound * channels
        unsafe kernels.rowSums(
          ofProducts: gradient + start, with: a.map { unsafe $0 + start }, rows: rows.count,
          columns: channels, into: operandGradient + rows.lowerBound, accumulate: accumulate)
      }
    }
  }
}
