import Testing

@testable import Kernels

@Suite struct TaskSharesTests {
  @Test func aThreadTakesItsOwnTasksFromTheFront() {
    let shares = TaskShares(count: 3)
    shares.deal(10)
    let taken = (0..<3).map { share in
      Array(sequence(state: ()) { _ in shares.takeFirst(of: share) })
    }
    #expect(taken == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]])
  }

  @Test func othersTakeFromTheBackUntilTheyMeet() {
    let shares = TaskShares(count: 2)
    shares.deal(8)
    #expect(shares.takeFirst(of: 1) == 4)
    #expect(shares.takeLast(of: 1) == 7)
    #expect(shares.takeFirst(of: 1) == 5)
    #expect(shares.takeLast(of: 1) == 6)
    #expect(shares.takeFirst(of: 1) == nil)
    #expect(shares.takeLast(of: 1) == nil)
    #expect(shares.takeLast(of: 0) == 3)
  }

  @Test func thereMayBeFewerTasksThanThreads() {
    let shares = TaskShares(count: 4)
    shares.deal(2)
    let taken = (0..<4).compactMap { shares.takeFirst(of: $0) }
    #expect(taken == [0, 1])
    #expect((0..<4).allSatisfy { shares.takeLast(of: $0) == nil })
  }
}
