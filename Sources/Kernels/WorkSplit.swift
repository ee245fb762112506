/// How elementwise passes are cut into tasks.
///
/// Cuts depend on the sizes only, never on the number of threads, so that results do not either.
enum WorkSplit {
  /// The elements of one task.
  ///
  /// Small enough to share the work evenly, large enough that handing it out costs nothing, and a
  /// multiple of 8, so that tasks begin at whole bytes of bit masks.
  static let taskElements = 32_768

  /// The number of parts of `length` that cover `count`.
  static func parts(of count: Int, length: Int) -> Int {
    (count + length - 1) / length
  }
}

extension Engine {
  /// Runs `body` on all threads, each time for a range of neighbouring elements; together they cover
  /// `0..<count`.
  ///
  /// For passes of operations of one's own. Where ranges begin and end depends on `count` alone, and
  /// which thread takes one does not matter: a body that computes elements apart, or sums within its own
  /// range, gives the same bits with any number of threads.
  ///
  /// - Parameters:
  ///   - count: The number of elements; a range has at most 32,768.
  ///   - body: What is done with a range; several run at once.
  public func forEachRange(of count: Int, _ body: (Range<Int>) -> Void) {
    forEachRange(of: count, length: WorkSplit.taskElements, body)
  }

  /// Runs `body` in parallel over ranges of at most `length` that cover `0..<count`.
  ///
  /// If what a pass writes is to be sketched, it writes `written` elements for each number of a range.
  func forEachRange(
    of count: Int, length: Int = WorkSplit.taskElements, written: Int = 1,
    sketching: SampleSketching? = nil, _ body: (Range<Int>) -> Void
  ) {
    pool.parallel(taskCount: WorkSplit.parts(of: count, length: length)) { task, worker in
      let range = task * length..<min(count, (task + 1) * length)
      body(range)
      sketching?.noteWritten(
        range.lowerBound * written..<range.upperBound * written, worker: worker)
    }
  }
}
