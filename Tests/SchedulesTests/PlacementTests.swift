import OracleSupport
import TestSupport
import Testing

@testable import Schedules

@Suite struct PlacementTests {
  /// One row of the baselines whose instance is there.
  struct Instance: CustomStringConvertible {
    let description: String
    let buffers: [PlacementBuffer]
    let bound: Int
    /// The heights of the greedy rules, in the order of `GreedyPlacement.allCases`.
    let heights: [Int]

    static func all() throws -> [Instance] {
      let lines = try Oracles.text("minimalloc_baselines.csv").split(separator: "\n").dropFirst()
      return try lines.compactMap { line in
        let fields = line.split(separator: ",")
        let numbers = fields.dropFirst().compactMap { Int($0) }
        guard numbers.count == 7 else { throw FixtureError("'\(line)' has no seven numbers") }
        guard let text = try? Oracles.text("minimalloc/\(fields[0]).1048576.csv") else {
          print("skipped: placement instance '\(fields[0])' is not there")
          return nil
        }
        let buffers = try parsed(text)
        guard buffers.count == numbers[0] else {
          throw FixtureError("instance \(fields[0]) has \(buffers.count) buffers")
        }
        return Instance(
          description: String(fields[0]), buffers: buffers, bound: numbers[1],
          heights: Array(numbers[2...5]))
      }
    }

    static func parsed(_ text: String) throws -> [PlacementBuffer] {
      try text.split(separator: "\n").dropFirst().map { line in
        let numbers = line.split(separator: ",").dropFirst().compactMap { Int($0) }
        guard numbers.count == 3 else { throw FixtureError("'\(line)' is no buffer") }
        return PlacementBuffer(start: numbers[0], end: numbers[1], size: numbers[2])
      }
    }
  }

  @Test func greedyRulesGiveTheirColumns() throws {
    let instances = try Instance.all()
    for instance in instances {
      #expect(instance.buffers.highestLoad == instance.bound, "\(instance)")
      for (rule, height) in zip(GreedyPlacement.allCases, instance.heights) {
        let placement = rule.place(instance.buffers)
        #expect(placement.height == height, "\(instance) \(rule)")
        #expect(throws: Never.self) {
          try PlacementValidator.check(
            placement.offsets, of: instance.buffers, capacity: placement.height)
        }
      }
    }
    print("minimalloc: \(instances.count) instances, \(4 * instances.count) greedy heights")
    #expect(instances.count >= 6)
  }

  @Test func plannedHeightsAreAtMostATenthOverTheBound() throws {
    let instances = try Instance.all()
    for instance in instances {
      var placement: Placement?
      let time = ContinuousClock().measure {
        placement = PlacementPlanner.place(instance.buffers)
      }
      let found = try #require(placement)
      try PlacementValidator.check(found.offsets, of: instance.buffers, capacity: found.height)
      let ratio = Double(found.height) / Double(instance.bound)
      print("placement of \(instance): \(found.height), \(ratio) of the bound, in \(time)")
      #expect(found.height >= instance.bound)
      #expect(ratio <= 1.1, "\(instance)")
    }
    #expect(instances.count >= 6)
  }

  @Test func exampleIsPlacedAtItsOptimum() throws {
    let buffers = try Instance.parsed(Oracles.text("minimalloc/input.12.csv"))
    #expect(buffers.count == 5)
    #expect(PlacementPlanner.place(buffers).height == 12)
    #expect(isFeasible(buffers, capacity: 12))
    #expect(!isFeasible(buffers, capacity: 11))
    #expect(throws: Never.self) {
      try PlacementValidator.check([8, 8, 4, 4, 0], of: buffers, capacity: 12)
    }
  }

  private func isFeasible(_ buffers: [PlacementBuffer], capacity: Int) -> Bool {
    var search = PlacementSearch(
      buffers, order: Array(buffers.indices), capacity: capacity, stepLimit: 100_000)
    return search.offsets() != nil
  }

  @Test func smallVectorsAreDecided() {
    func buffers(_ lives: [(Int, Int, Int)]) -> [PlacementBuffer] {
      lives.map { PlacementBuffer(start: $0.0, end: $0.1, size: $0.2) }
    }
    let tight = buffers([
      (0, 1, 3), (0, 3, 1), (4, 5, 3), (2, 5, 1), (1, 2, 2), (3, 4, 2), (1, 4, 1),
    ])
    #expect(tight.highestLoad == 4)
    #expect(!isFeasible(tight, capacity: 4))
    #expect(isFeasible(tight, capacity: 5))
    #expect(PlacementPlanner.place(tight).height == 5)
    let loose = buffers([(1, 2, 1), (0, 2, 1), (2, 3, 2), (1, 3, 1), (0, 1, 2)])
    #expect(isFeasible(loose, capacity: 3))
    #expect(PlacementPlanner.place(loose).height == 3)
    let parts = buffers([(0, 2, 2), (1, 3, 2), (3, 5, 2), (4, 6, 2)])
    #expect(isFeasible(parts, capacity: 4))
    #expect(PlacementPlanner.place(parts).height == 4)
    #expect(PlacementPlanner.place([]).height == 0)
  }

  @Test func offsetsAreAligned() throws {
    var numbers = TestRandom(seed: 3)
    let buffers = (0..<40).map { _ in
      let start = Int.random(in: 0..<50, using: &numbers)
      return PlacementBuffer(
        start: start, end: start + Int.random(in: 1...12, using: &numbers),
        size: Int.random(in: 1...1000, using: &numbers))
    }
    let placement = PlacementPlanner.place(buffers, alignment: 64)
    try PlacementValidator.check(
      placement.offsets, of: buffers, capacity: placement.height, alignment: 64)
  }

  @Test func validatorTellsFaultsApart() {
    let buffers = [
      PlacementBuffer(start: 0, end: 2, size: 8), PlacementBuffer(start: 1, end: 3, size: 8),
      PlacementBuffer(start: 2, end: 4, size: 8),
    ]
    func fault(
      _ offsets: [Int], capacity: Int = 16, alignment: Int = 4, fixed: [Int: Int] = [:]
    ) -> InvalidPlacement? {
      do {
        try PlacementValidator.check(
          offsets, of: buffers, capacity: capacity, alignment: alignment, fixedOffsets: fixed)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault([0, 8, 0]) == nil)
    #expect(fault([0, 8, 0], fixed: [1: 8]) == nil)
    #expect(fault([0, 8]) == .wrongCount(offsets: 2, buffers: 3))
    #expect(
      fault([0, 8, 0], fixed: [1: 0]) == .movedFixedBuffer(buffer: 1, offset: 8, fixedOffset: 0))
    #expect(fault([0, -8, 0]) == .offsetOutOfRange(buffer: 1, offset: -8))
    #expect(fault([0, .max - 3, 0]) == .offsetOutOfRange(buffer: 1, offset: .max - 3))
    #expect(fault([0, 8, 2]) == .misaligned(buffer: 2, offset: 2, alignment: 4))
    #expect(fault([0, 8, 0], capacity: 15) == .overCapacity(buffer: 1, end: 16, capacity: 15))
    #expect(fault([0, 4, 0]) == .overlap(0, 1))
    #expect(fault([0, 8, 12], capacity: 20) == .overlap(1, 2))
  }
}
