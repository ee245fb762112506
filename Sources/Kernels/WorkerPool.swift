import CProcessorFeatures
import Glibc
import Synchronization
import Threads

/// A fixed set of threads that runs the tasks of one parallel loop at a time.
///
/// The hot path of a memory profiler should allocate as little as it can, so this is neither Dispatch
/// nor a task group: a loop on several threads takes two small blocks for the closure's context, and
/// one on a single thread none.
///
/// Each thread begins with a share of neighbouring tasks of its own, the same in every loop of as many
/// tasks, and takes over the last tasks of others when it has done them. So what a thread wrote it mostly
/// reads and writes again, and finds in its cache, where another would have to fetch it from there; yet
/// none waits for a slow one. Which thread runs a task is not fixed: what a task computes must not
/// depend on it.
public final class WorkerPool: Sendable {
  /// The number of threads that run tasks, the calling thread among them.
  public let threadCount: Int
  /// How many of them there are: fewer than asked for where the system refused to start more.
  ///
  /// Those that are there do the work of all, with the same results.
  public let startedThreadCount: Int

  private let shared: SharedState

  /// Creates a pool and starts its threads, which live as long as the pool.
  ///
  /// - Parameter threadCount: The number of threads, the caller's included; at least 1.
  public init(threadCount: Int) {
    precondition(threadCount >= 1, "a pool needs at least one thread")
    self.threadCount = threadCount
    let shared = SharedState(threadCount: threadCount)
    var startedCount = 1
    while startedCount < threadCount {
      let worker = startedCount
      do throws(ThreadRefused) {
        try startThread { shared.serve(worker: worker) }
      } catch {
        break
      }
      startedCount += 1
    }
    shared.helperCount = startedCount - 1
    self.shared = shared
    startedThreadCount = startedCount
  }

  deinit {
    shared.stop()
  }

  /// Runs `body` once for every task and returns when all are done.
  ///
  /// Several threads may call: their loops run one after the other. Calls must not be nested.
  ///
  /// - Parameters:
  ///   - taskCount: The number of tasks. To keep results independent of the number of threads, it
  ///     must not depend on that number.
  ///   - body: Called with the task's number and the number of the worker that runs it, which is
  ///     below `threadCount` and selects per-thread scratch.
  public func parallel(taskCount: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    guard threadCount > 1, taskCount > 1 else {
      for task in 0..<taskCount { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      unsafe withUnsafePointer(to: body) { pointer in
        unsafe shared.run(body: pointer, taskCount: taskCount)
      }
    }
  }
}

/// What the pool and its threads share; the threads keep it alive until they have stopped.
@safe private final class SharedState: @unchecked Sendable {
  typealias Body = (Int, Int) -> Void

  private let generation = Atomic<Int>(0)
  private let unfinishedHelpers = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)

  // Written by the caller before it raises `generation`, read by the helpers after they saw it.
  private var body: UnsafePointer<Body>?

  /// The threads beside the caller; written before the first loop runs.
  var helperCount = 0

  private let threadCount: Int
  private let shares: TaskShares

  /// Held by the thread whose loop runs.
  private let turn = Locked(())
  /// Where threads sleep until there is another loop.
  private let sleep = Locked(())

  init(threadCount: Int) {
    self.threadCount = threadCount
    shares = TaskShares(count: threadCount)
  }

  func stop() {
    stopping.store(true, ordering: .releasing)
    wakeAll()
  }

  func run(body: UnsafePointer<Body>, taskCount: Int) {
    turn.withLock { _ in
      unsafe self.body = body
      shares.deal(taskCount)
      unfinishedHelpers.store(helperCount, ordering: .relaxed)
      wakeAll()
      unsafe runTasks(body, worker: 0)
      var turns = 0
      while unfinishedHelpers.load(ordering: .acquiring) > 0 {
        Self.wait(turn: turns)
        turns += 1
      }
    }
  }

  private func wakeAll() {
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { sleep.wakeWaiting() }
  }

  func serve(worker: Int) {
    var seen = 0
    while true {
      seen = waitForGeneration(after: seen)
      if stopping.load(ordering: .acquiring) { return }
      if let body = unsafe body {
        unsafe runTasks(body, worker: worker)
      }
      unfinishedHelpers.subtract(1, ordering: .releasing)
    }
  }

  private func runTasks(_ body: UnsafePointer<Body>, worker: Int) {
    while let task = shares.takeFirst(of: worker) {
      unsafe body.pointee(task, worker)
    }
    for distance in 1..<threadCount {
      while let task = shares.takeLast(of: (worker + distance) % threadCount) {
        unsafe body.pointee(task, worker)
      }
    }
  }

  /// How often a waiting thread looks before it offers its processor to others: some 50 µs, so that
  /// loops which follow each other closely do not pay for a switch.
  private static let pauses = 2_000

  private static func wait(turn: Int) {
    if turn < pauses { tidemark_pause() } else { sched_yield() }
  }

  /// Waits for the next loop: a short while awake, since loops follow each other closely within a
  /// training step, then asleep.
  private func waitForGeneration(after seen: Int) -> Int {
    for turn in 0..<2 * Self.pauses {
      let current = generation.load(ordering: .acquiring)
      if current != seen { return current }
      Self.wait(turn: turn)
    }
    // Raised before the generation is looked at again: who raises that one then sees a sleeper.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    return sleep.waiting { _ in
      let current = generation.load(ordering: .sequentiallyConsistent)
      return current == seen ? nil : current
    }
  }
}
