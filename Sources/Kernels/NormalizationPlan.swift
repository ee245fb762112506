/// How batch normalisation sees an array of (rows, channels), and how its scratch is laid out.
///
/// Rows of few channels are merged to wide ones, which fill vectors: column j belongs to channel
/// j % channels. The last merged row may be shorter. All of it is a function of the sizes only.
struct NormalizationPlan {
  let count: Int
  let channels: Int
  /// Channels times merged rows: a multiple of 16.
  let columns: Int
  /// The elements of one task: whole merged rows.
  let taskElements: Int
  /// The elements of one block: whole merged rows.
  let blockElements: Int

  /// The most tasks, since each has sums of its own.
  private static let maximumTasks = 16
  /// The most merged rows of a block: few enough that sums of single precision stay exact.
  private static let blockRows = 256
  /// The vectors over the columns that all threads share.
  private static let sharedCount = 5
  /// The rows that the estimate of the mean is taken from.
  static let sampledRows = 64

  init(rows: Int, channels: Int) {
    precondition(rows >= 0 && channels >= 1, "normalisation needs at least one channel")
    count = rows * channels
    self.channels = channels
    var merged = 1
    while channels * merged < 64 || channels * merged % 16 != 0 { merged *= 2 }
    columns = channels * merged
    let wideRows = WorkSplit.parts(of: count, length: columns)
    let rowsPerTask = max(
      1, WorkSplit.taskElements / columns,
      WorkSplit.parts(of: wideRows, length: Self.maximumTasks))
    taskElements = rowsPerTask * columns
    blockElements = Self.blockRows * columns
  }

  /// The number of tasks.
  var taskCount: Int { WorkSplit.parts(of: count, length: taskElements) }

  /// The bytes of scratch.
  func scratchBytes(threadCount: Int) -> Int {
    let elements = (Self.sharedCount + 2 * threadCount) * columns + 2 * channels * taskCount
    return elements * MemoryLayout<Float>.stride
  }

  /// Vector `index` of five over the columns, which all threads share.
  func shared(_ index: Int, in scratch: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float> {
    unsafe scratch.assumingMemoryBound(to: Float.self) + index * columns
  }

  /// The two sums by channel of a task, one behind the other.
  func totals(ofTask task: Int, in scratch: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float>
  {
    unsafe shared(Self.sharedCount, in: scratch) + task * 2 * channels
  }

  /// The two sums by column of a worker, one behind the other.
  func sums(ofWorker worker: Int, in scratch: UnsafeMutableRawPointer)
    -> UnsafeMutablePointer<Float>
  {
    unsafe totals(ofTask: taskCount, in: scratch) + worker * 2 * columns
  }

  /// Writes vector `index` of the shared ones: what `value` gives for the channel of each column.
  func setShared(
    _ index: Int, in scratch: UnsafeMutableRawPointer, _ value: (_ channel: Int) -> Double
  ) {
    let vector = unsafe shared(index, in: scratch)
    for channel in 0..<channels {
      unsafe vector[channel] = Float(value(channel))
    }
    unsafe repeatShared(index, in: scratch)
  }

  /// Repeats the first `channels` elements of shared vector `index` over all its columns.
  func repeatShared(_ index: Int, in scratch: UnsafeMutableRawPointer) {
    let vector = unsafe shared(index, in: scratch)
    for column in channels..<columns {
      unsafe vector[column] = vector[column - channels]
    }
  }
}
