import MemoryLedger
import Testing

@Suite struct LedgerEventTests {
  @Test func eventsTellWhatHappenedInOrder() throws {
    let ledger = try Ledger(
      ownerNames: ["conv1"], limits: MemoryLimits(total: 100), eventCapacity: 8)
    let owner = MemoryOwner(index: 0)
    ledger.setPhase("forward")
    var block: MemoryBlock? = try ledger.allocate(
      byteCount: 60, category: .activations, owner: owner)
    #expect(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 50, category: .workspace)
    }
    ledger.setPhase("backward")
    drop(&block)

    let log = ledger.eventLog
    #expect(log.lostCount == 0)
    #expect(log.events.map(\.action) == [.allocate, .refuse, .free])
    #expect(log.events.map(\.sequence) == [0, 1, 2])
    #expect(log.events.map(\.byteCount) == [60, 50, 60])
    #expect(log.events.map(\.totalAfter) == [60, 60, 0])
    #expect(log.events.map(\.category) == [.activations, .workspace, .activations])
    #expect(log.events.map(\.owner) == [owner, .unattributed, owner])
    #expect(log.events.map { "\($0.phase)" } == ["forward", "forward", "backward"])
    #expect(log.events[0].address == log.events[2].address)
    #expect(log.events[0].address != 0 && log.events[1].address == 0)
    #expect(log.events[0].nanoseconds <= log.events[2].nanoseconds)
  }

  @Test func aFullLogKeepsTheLatestAndSaysHowManyWereLost() throws {
    let ledger = try Ledger(eventCapacity: 4)
    for size in 1...5 {
      _ = try ledger.allocate(byteCount: size, category: .input)
    }
    let log = ledger.eventLog
    #expect(log.lostCount == 6)
    #expect(log.events.map(\.sequence) == [6, 7, 8, 9])
    #expect(log.events.map(\.byteCount) == [4, 4, 5, 5])
  }

  @Test func withoutCapacityNothingIsLogged() throws {
    let ledger = try Ledger()
    _ = try ledger.allocate(byteCount: 1, category: .input)
    #expect(ledger.eventLog.events.isEmpty)
    #expect(ledger.eventLog.lostCount == 0)
  }
}
