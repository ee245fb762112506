import KernelInterface
import Synchronization

extension Engine {
  /// Writes a + b, or a rectifier of the sum.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - a: `count` elements.
  ///   - b: `count` elements.
  ///   - output: `count` elements; may be `a` or `b`.
  ///   - count: The number of elements.
  ///   - negativeSlope: If given, the sum is rectified as by `rectify`, in the same pass.
  ///   - mask: If given, ⌈count/8⌉ bytes, which take the bits of `packSigns` for the output.
  ///   - sketching: If given, it makes sketches of the output's samples in the same pass.
  public func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int,
    negativeSlope: Float? = nil, mask: UnsafeMutablePointer<UInt8>? = nil,
    sketching: SampleSketching? = nil
  ) {
    forEachRange(of: count, sketching: sketching) { range in
      let start = range.lowerBound
      unsafe kernels.add(
        a + start, b + start, into: output + start, count: range.count,
        negativeSlope: negativeSlope ?? 1, mask: mask.map { unsafe $0 + start / 8 })
    }
  }

  /// Writes a − b.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - b: `count` elements.
  ///   - a: `count` elements.
  ///   - output: `count` elements; may be `a`.
  ///   - count: The number of elements.
  public func subtract(
    _ b: UnsafePointer<Float>, from a: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.subtract(
        b + start, from: a + start, into: output + start, count: range.count)
    }
  }

  /// Adds `source` to `destination`.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: `count` elements.
  ///   - destination: `count` elements.
  ///   - count: The number of elements.
  public func accumulate(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.accumulate(source + start, into: destination + start, count: range.count)
    }
  }

  /// Copies `source` to `destination`, which must not overlap it.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: `count` elements.
  ///   - destination: `count` elements.
  ///   - count: The number of elements.
  public func copy(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.copy(source + start, into: destination + start, count: range.count)
    }
  }

  /// Writes `value` to every element.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - destination: `count` elements.
  ///   - value: The value.
  ///   - count: The number of elements.
  public func fill(
    _ destination: UnsafeMutablePointer<Float>, with value: Float, count: Int
  ) {
    forEachRange(of: count) { range in
      unsafe kernels.fill(destination + range.lowerBound, with: value, count: range.count)
    }
  }

  /// Whether no element is infinite or not a number.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - values: `count` elements.
  ///   - count: The number of elements.
  /// - Returns: False as soon as one element is infinite or not a number.
  public func isFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    let finite = Atomic<Bool>(true)
    forEachRange(of: count) { range in
      if unsafe !kernels.isFinite(values + range.lowerBound, count: range.count) {
        finite.store(false, ordering: .relaxed)
      }
    }
    return finite.load(ordering: .relaxed)
  }

  /// Transposes every sample: from maps (rows, columns) to (columns, rows).
  ///
  /// With pixels as rows and channels as columns this gives PyTorch's order of a flattened map,
  /// and with channels as rows and pixels as columns it is undone. Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: (batch, rows, columns).
  ///   - output: (batch, columns, rows); must not overlap the input.
  ///   - batch: The number of samples.
  ///   - rows: The rows of the input.
  ///   - columns: The columns of the input.
  public func transposeMaps(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    batch: Int, rows: Int, columns: Int
  ) {
    guard rows > 0, columns > 0 else { return }
    // Bands of rows of one sample, and as many bands a task as make it worth handing out.
    let bandRows = 64
    let bands = WorkSplit.parts(of: rows, length: bandRows)
    let bandsPerTask = max(1, WorkSplit.taskElements / (min(rows, bandRows) * columns))
    forEachRange(of: batch * bands, length: bandsPerTask) { range in
      for band in range {
        let start = band / bands * rows * columns
        let firstRow = band % bands * bandRows
        unsafe kernels.transpose(
          input + start, into: output + start, rows: rows, columns: columns,
          firstRow: firstRow, rowCount: min(bandRows, rows - firstRow))
      }
    }
  }
}
