import Planning
import Testing

@Suite struct PlannersUniformTests {
  @Test func closedFormGivesEveryRow() throws {
    let rows = try UniformRow.all()
    for row in rows {
      #expect(Revolve.repetitions(steps: row.steps, slots: row.slots) == row.repetitions)
      #expect(Revolve.extraAdvances(steps: row.steps, slots: row.slots) == row.extraAdvances)
      let total = Revolve.totalForwardSteps(steps: row.steps, slots: row.slots)
      #expect(total == row.totalForwardSteps)
    }
    print("revolve.csv: \(rows.count) rows against the closed form")
    #expect(rows.count > 400)
  }

  @Test func knownLongestChains() {
    let known = [(2, 2, 6), (2, 3, 10), (3, 2, 10), (3, 3, 20), (4, 3, 35), (5, 3, 56)]
    for (slots, repetitions, length) in known {
      #expect(Revolve.longestChain(slots: slots, repetitions: repetitions) == length)
    }
    #expect(Revolve.totalForwardSteps(steps: 1000, slots: 10) == 4636)
    #expect(Revolve.totalForwardSteps(steps: 1000, slots: 20) == 3747)
  }

  @Test func revolveSchedulesKeepToTheirSlots() throws {
    var count = 0
    for row in try UniformRow.all() {
      let actions = Revolve.schedule(steps: row.steps, slots: row.slots)
      let use = try SlotUse(actions, steps: row.steps)
      #expect(use.forwardSteps == row.totalForwardSteps, "\(row)")
      #expect(use.backwardSteps == row.steps)
      #expect(use.mostSlots <= row.slots, "\(row)")
      #expect(use.mostTapesInSlots == 0, "\(row)")
      // The first sweep uses every slot that there is.
      #expect(use.firstSweepCheckpoints == min(row.slots, row.steps - 1), "\(row)")
      count += 1
    }
    #expect(count > 400)
  }

  @Test func mixedSchedulesKeepToTheirSlots() throws {
    var count = 0
    for row in try UniformRow.all() {
      let mixed = MixedCheckpointing(steps: row.steps, slots: row.slots)
      #expect(mixed.totalForwardSteps == row.mixedTotal, "\(row)")
      let use = try SlotUse(mixed.schedule(), steps: row.steps)
      #expect(use.forwardSteps == row.mixedTotal, "\(row)")
      #expect(use.backwardSteps == row.steps)
      #expect(use.mostSlots <= row.slots, "\(row)")
      count += 1
    }
    print("revolve.csv: \(count) rows of mixed schedules")
    #expect(count > 400)
  }

  @Test func mixedTotalsOfLongChains() {
    #expect(MixedCheckpointing(steps: 1000, slots: 5).totalForwardSteps == 6828)
    #expect(MixedCheckpointing(steps: 1000, slots: 10).totalForwardSteps == 3921)
  }

  /// The dynamic programme that the closed form solves, from its own text.
  @Test func closedFormAgreesWithTheRecurrence() {
    let longest = 60
    var previous = (0...longest).map { $0 * ($0 - 1) / 2 }
    for slots in 2...12 {
      var row = [0, 0]
      for steps in 2...longest {
        let splits = (1..<steps).map { $0 + row[$0] + previous[steps - $0] }
        row.append(splits.min() ?? 0)
      }
      for steps in 2...longest where slots < steps {
        #expect(Revolve.extraAdvances(steps: steps, slots: slots) == row[steps])
      }
      previous = row
    }
  }

  @Test func moreSlotsThanStepsAreAccepted() throws {
    for steps in [1, 2, 5, 9] {
      for slots in [steps - 1, steps, steps + 1, 100] where slots > 0 {
        let revolve = try SlotUse(Revolve.schedule(steps: steps, slots: slots), steps: steps)
        #expect(revolve.forwardSteps == max(1, 2 * steps - 1))
        let mixed = MixedCheckpointing(steps: steps, slots: slots)
        #expect(mixed.totalForwardSteps == steps)
        #expect(try SlotUse(mixed.schedule(), steps: steps).forwardSteps == steps)
      }
    }
  }

  @Test func slotUseFindsFaults() {
    func isRefused(_ actions: [ChainAction], steps: Int) -> Bool {
      (try? SlotUse(actions, steps: steps)) == nil
    }
    // The checkpoint is used up by the first run, so the second finds nothing.
    #expect(
      isRefused(
        [.advance(0), .tape(1, option: 0), .loss, .backward(1), .tape(0, option: 0), .backward(0)],
        steps: 2))
    #expect(isRefused([.tape(0, option: 0), .loss], steps: 1))
    #expect(isRefused([.tape(0, option: 0), .backward(0)], steps: 1))
  }
}

/// What slots hold while a schedule of equal steps runs.
///
/// A slot holds the value that a step starts from, or a step's tape unless it is the one in hand:
/// the last that was made, as long as nothing ran forward since.
struct SlotUse {
  private(set) var forwardSteps = 0
  private(set) var backwardSteps = 0
  private(set) var mostSlots = 0
  private(set) var mostTapesInSlots = 0
  private(set) var firstSweepCheckpoints = 0

  private var checkpoints: Set<Int> = [0]
  private var tapes: Set<Int> = []
  private var tapeInHand: Int?
  private var valueInHand: Int? = 0
  private var gradient: Int?

  init(_ actions: [ChainAction], steps: Int) throws {
    for action in actions {
      switch action {
      case .checkpoint(let step):
        try start(step)
        checkpoints.insert(step)
        valueInHand = step + 1
      case .advance(let step):
        try start(step)
        checkpoints.remove(step)
        valueInHand = step + 1
      case .tape(let step, _):
        try start(step)
        checkpoints.remove(step)
        tapes.insert(step)
        tapeInHand = step
        valueInHand = step + 1
      case .loss:
        try require(gradient == nil && valueInHand == steps, "the loss finds no value")
        gradient = steps
        firstSweepCheckpoints = checkpoints.count
      case .backward(let step):
        try require(gradient == step + 1 && tapes.remove(step) != nil, "no tape of \(step)")
        if tapeInHand == step { tapeInHand = nil }
        valueInHand = nil
        gradient = step
        backwardSteps += 1
      }
      let inSlots = tapes.subtracting([tapeInHand].compactMap(\.self)).count
      mostTapesInSlots = max(mostTapesInSlots, inSlots)
      mostSlots = max(mostSlots, checkpoints.count + inSlots)
    }
    try require(gradient == 0 && tapes.isEmpty && checkpoints.isEmpty, "something is left")
  }

  private mutating func start(_ step: Int) throws {
    try require(valueInHand == step || checkpoints.contains(step), "step \(step) finds no value")
    tapeInHand = nil
    forwardSteps += 1
  }

  private func require(_ condition: Bool, _ reason: String) throws {
    guard condition else { throw FixtureError(reason) }
  }
}
