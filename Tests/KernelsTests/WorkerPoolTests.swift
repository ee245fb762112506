import Kernels
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 4])
  func everyTaskRunsOnce(threadCount: Int) {
    let pool = WorkerPool(threadCount: threadCount)
    for taskCount in [0, 1, 2, 3, 17, 100] {
      for _ in 0..<200 {
        let sum = Atomic<Int>(0)
        let runs = Atomic<Int>(0)
        pool.parallel(taskCount: taskCount) { task, worker in
          sum.add(task, ordering: .relaxed)
          runs.add(worker < threadCount ? 1 : 1000, ordering: .relaxed)
        }
        #expect(sum.load(ordering: .relaxed) == taskCount * max(0, taskCount - 1) / 2)
        #expect(runs.load(ordering: .relaxed) == taskCount)
      }
    }
  }

  /// Tests and other users may share one engine between threads.
  @Test func loopsOfSeveralCallersTakeTurns() async {
    let pool = WorkerPool(threadCount: 2)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for caller in 1...4 {
        group.addTask {
          var wrong = 0
          for taskCount in 2...300 {
            let sum = Atomic<Int>(0)
            pool.parallel(taskCount: taskCount) { task, _ in
              // One by one, so that loops last long enough to meet.
              for _ in 0..<(task + 1) { sum.add(caller, ordering: .relaxed) }
            }
            let expected = caller * taskCount * (taskCount + 1) / 2
            wrong += sum.load(ordering: .relaxed) == expected ? 0 : 1
          }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
