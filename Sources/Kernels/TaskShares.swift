import Synchronization

/// The tasks of a loop that nobody has begun, as one range for each thread.
///
/// A thread takes its own tasks from the front, and those of others from the back, so that the two meet
/// only at the last one.
@safe final class TaskShares {
  /// The threads.
  let count: Int

  // One word a share, so that both ends change together: the first task in the upper half, the one
  // behind the last in the lower.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  /// Words from one share to the next: threads that work on their own shares touch different lines.
  private static let stride = 16

  /// Makes empty shares.
  init(count: Int) {
    self.count = count
    unsafe words = .allocate(capacity: count * Self.stride)
    for index in 0..<count * Self.stride {
      unsafe (words + index).initialize(to: Atomic(0))
    }
  }

  deinit {
    unsafe words.deinitialize(count: count * Self.stride)
    unsafe words.deallocate()
  }

  /// Deals the tasks `0..<taskCount` out in ranges of nearly the same length; nobody may take any
  /// meanwhile.
  func deal(_ taskCount: Int) {
    for share in 0..<count {
      let range = taskCount * share / count..<taskCount * (share + 1) / count
      unsafe words[share * Self.stride].store(Self.word(range), ordering: .relaxed)
    }
  }

  /// Takes the first task of a share; none if all are taken.
  func takeFirst(of share: Int) -> Int? {
    take(from: share) { tasks in (tasks.lowerBound, tasks.lowerBound + 1..<tasks.upperBound) }
  }

  /// Takes the last task of a share; none if all are taken.
  func takeLast(of share: Int) -> Int? {
    take(from: share) { tasks in (tasks.upperBound - 1, tasks.lowerBound..<tasks.upperBound - 1) }
  }

  /// Takes the task that `choose` names and leaves what it leaves.
  private func take(
    from share: Int, _ choose: (Range<Int>) -> (task: Int, rest: Range<Int>)
  ) -> Int? {
    // What tasks read was published with the loop, so the order of these words alone matters.
    let first = share * Self.stride
    var word = unsafe words[first].load(ordering: .relaxed)
    while true {
      let tasks = Int(word >> 32)..<Int(word & 0xffff_ffff)
      guard !tasks.isEmpty else { return nil }
      let (task, rest) = choose(tasks)
      let (exchanged, original) = unsafe words[first].weakCompareExchange(
        expected: word, desired: Self.word(rest), ordering: .relaxed)
      if exchanged { return task }
      word = original
    }
  }

  private static func word(_ tasks: Range<Int>) -> UInt64 {
    UInt64(tasks.lowerBound) << 32 | UInt64(tasks.upperBound)
  }
}
