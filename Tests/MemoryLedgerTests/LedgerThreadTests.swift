import MemoryLedger
import Synchronization
import Testing
import Threads

@Suite struct LedgerThreadTests {
  /// Blocks change hands between threads, so that addresses are reused across them at once.
  @Test func countsAreExactWhenThreadsShareALedger() async throws {
    let limit = 64 * 700
    let ledger = try Ledger(
      ownerNames: ["a", "b", "c", "d"], limits: MemoryLimits(total: limit), eventCapacity: 100)
    let exchange = Exchange()
    let refusals = Tally()
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          for round in 0..<2_000 {
            do {
              let block = try ledger.allocate(
                byteCount: 64 * (1 + (round * 7 + worker) % 300), category: .transient,
                owner: MemoryOwner(index: worker))
              exchange.put(BlockBox(block))
            } catch {
              refusals.add()
            }
            if round.isMultiple(of: 50), let comparison = ledger.compareWithAllocator() {
              #expect(comparison.agrees)
            }
          }
        }
      }
    }
    exchange.empty()
    #expect(ledger.current == CategoryBytes())
    #expect(ledger.usage.blocks.current == 0)
    #expect(ledger.usage.blocks.total == 4 * 2_000 - refusals.count)
    #expect(ledger.peakTotal <= limit)
    let owners = (0..<4).map { ledger.usage(of: MemoryOwner(index: $0)) }
    #expect(owners.allSatisfy { $0.bytes.current == 0 })
    #expect(owners.reduce(0) { $0 + $1.bytes.total } == ledger.usage.bytes.total)
    let log = ledger.eventLog
    let eventCount = 2 * ledger.usage.blocks.total + refusals.count
    #expect(log.events.count + log.lostCount == eventCount)
  }
}

/// A place for three blocks; putting one in frees the oldest.
private final class Exchange: Sendable {
  private let blocks = Locked<[BlockBox]>([])

  func put(_ block: BlockBox) {
    blocks.withLock { blocks in
      if blocks.count == 3 { blocks.removeFirst() }
      blocks.append(block)
    }
  }

  func empty() {
    blocks.withLock { $0.removeAll() }
  }
}

private final class Tally: Sendable {
  private let value = Atomic<Int>(0)
  var count: Int { value.load(ordering: .relaxed) }
  func add() { value.add(1, ordering: .relaxed) }
}
