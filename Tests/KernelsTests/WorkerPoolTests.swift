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
}
