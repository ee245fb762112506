import Networks
import Schedules

/// Looks for cheap ways to retain a network's values in less and less memory.
///
/// From everything kept it goes down a ladder of limits. Under each it changes the retention of one
/// value at a time, that with the least cost for each byte that it takes off what stands over the
/// limit, until nothing does; then it takes back what has become needless. Each rung starts where
/// the one above ended, so that a whole curve takes little more than its lowest point. From there it
/// climbs up again and takes back more and more, which often ends in other places.
struct RetentionSearch {
  /// What may be done with a value.
  typealias Options = [(value: NodeID, retentions: [Retention])]

  /// How much error may be expected of inexact retentions.
  struct Tolerance {
    let expected: ExpectedError
    /// The most squared relative error.
    let squared: Double
    /// What all of it is worth, in seconds.
    let secondsForAll: Double
  }

  /// A way of retaining that was found.
  struct Found {
    let passes: [Plan.Pass]
    let representations: [[Representation]]
  }

  private let facts: PlanningFacts
  private let options: Options
  private let tolerance: Tolerance?
  /// The squared relative error that is expected now.
  private var squaredError = 0.0
  private var plan: RetentionPlan
  private var readings: Readings
  private var simulation: PassSimulation

  /// The changes whose worth is looked up anew at each step, of those that were best before.
  private static let freshCount = 10
  /// After so many steps all changes are looked at again.
  private static let refreshInterval = 12

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - facts: What passes do to memory.
  ///   - start: The representations to begin with; values whose readers find them whole are kept.
  ///   - options: What may be done with each value; the first is what it begins with.
  ///   - tolerance: The error that options may cause; nil if all are as exact as the first.
  init(
    _ facts: PlanningFacts, start: [[Representation]], options: Options, tolerance: Tolerance? = nil
  ) {
    self.facts = facts
    self.options = options
    self.tolerance = tolerance
    plan = RetentionPlan(facts, start)
    readings = Readings(facts.memory, start)
    simulation = facts.simulation()
  }

  /// Ways of retaining, two for each limit under which one was found, and the lowest of all.
  ///
  /// The limits are in descending order.
  mutating func ladder(limits: [Int]) -> [Found] {
    var found: [Found] = []
    var reached: [Int] = []
    for limit in limits {
      let succeeds = descend(below: limit)
      if succeeds { takeBack(below: limit) }
      found.append(current)
      // What does not get lower will not get lower still.
      guard succeeds else { break }
      reached.append(limit)
    }
    for limit in reached.reversed() {
      takeBack(below: limit)
      found.append(current)
    }
    return found
  }

  private var current: Found {
    Found(passes: plan.passes(), representations: readings.representations)
  }

  // MARK: Going down

  private struct Change {
    let value: NodeID
    let retention: Retention
    /// Seconds for each byte of excess; the lowest is the best.
    var price: Double
  }

  private mutating func outcome(_ limit: Int) -> PassSimulation.Outcome {
    simulation.outcome(of: plan.passes(), readings, limit: limit)
  }

  private mutating func set(_ retention: Retention, of value: NodeID) {
    let wasWhole = plan.retentions[value].isWhole
    if tolerance != nil {
      squaredError -= squaredError(of: value, plan.retentions[value])
      squaredError += squaredError(of: value, retention)
    }
    let changes = plan.set(retention, of: value)
    if !(wasWhole && retention.isWhole) { readings.set(changes, of: value, facts.memory) }
  }

  private mutating func price(
    _ change: (value: NodeID, retention: Retention), _ now: PassSimulation.Outcome, _ limit: Int
  ) -> Double? {
    let before = plan.retentions[change.value]
    guard before != change.retention else { return nil }
    let errorBefore = squaredError
    set(change.retention, of: change.value)
    let after = outcome(limit)
    let error = squaredError
    set(before, of: change.value)
    guard after.excess < now.excess else { return nil }
    var price = after.seconds - now.seconds
    if let tolerance, error > errorBefore {
      guard error <= tolerance.squared else { return nil }
      price += (error - errorBefore) / tolerance.squared * tolerance.secondsForAll
    }
    return price / (now.excess - after.excess)
  }

  private func squaredError(of value: NodeID, _ retention: Retention) -> Double {
    guard case .reduced(let representation) = retention, let tolerance else { return 0 }
    return tolerance.expected.squared(of: value, as: representation)
  }

  private var isTolerated: Bool { tolerance.map { squaredError <= $0.squared } ?? true }

  /// Changes retentions until nothing stands over a limit; false if that is not found.
  private mutating func descend(below limit: Int) -> Bool {
    var now = outcome(limit)
    var queue: [Change] = []
    var steps = 0
    while now.excess > 0 {
      if steps % Self.refreshInterval == 0 || queue.isEmpty {
        queue = pricedChanges(now, limit)
      } else {
        refresh(&queue, now, limit)
      }
      guard let best = queue.first else { return false }
      let before = plan.retentions[best.value]
      set(best.retention, of: best.value)
      queue.removeAll { $0.value == best.value && $0.retention == best.retention }
      let after = outcome(limit)
      steps += 1
      if after.excess < now.excess, isTolerated {
        now = after
      } else {
        // An old price promised too much.
        set(before, of: best.value)
        queue.removeAll()
      }
    }
    return true
  }

  private mutating func pricedChanges(
    _ now: PassSimulation.Outcome, _ limit: Int
  ) -> [Change] {
    var changes: [Change] = []
    for (value, retentions) in options {
      for retention in retentions {
        if let price = price((value, retention), now, limit) {
          changes.append(Change(value: value, retention: retention, price: price))
        }
      }
    }
    return changes.sorted { $0.price < $1.price }
  }

  /// Looks up the first prices again, and drops what does not help any more.
  private mutating func refresh(
    _ queue: inout [Change], _ now: PassSimulation.Outcome, _ limit: Int
  ) {
    var fresh: [Change] = []
    var taken = 0
    while taken < queue.count, fresh.count < Self.freshCount {
      let change = queue[taken]
      taken += 1
      if let price = price((change.value, change.retention), now, limit) {
        fresh.append(Change(value: change.value, retention: change.retention, price: price))
      }
    }
    fresh.sort { $0.price < $1.price }
    queue = fresh + queue[taken...]
  }

  // MARK: Taking back

  /// Gives values the cheaper retentions with which nothing stands over the limit all the same,
  /// those that save most first.
  private mutating func takeBack(below limit: Int) {
    var now = outcome(limit)
    guard now.excess == 0 else { return }
    var done = Set<NodeID>()
    for change in savings(now, limit).sorted(by: { $0.price < $1.price })
    where !done.contains(change.value) {
      let before = plan.retentions[change.value]
      set(change.retention, of: change.value)
      let after = outcome(limit)
      if after.excess == 0, after.seconds < now.seconds, isTolerated {
        now = after
        done.insert(change.value)
      } else {
        set(before, of: change.value)
      }
    }
  }

  /// The changes that save time under a limit; their price is the seconds that they add.
  private mutating func savings(_ now: PassSimulation.Outcome, _ limit: Int) -> [Change] {
    var changes: [Change] = []
    for (value, retentions) in options {
      let before = plan.retentions[value]
      // The first is what each began with, and nothing is cheaper.
      for retention in retentions where retention != before && before != retentions[0] {
        set(retention, of: value)
        let after = outcome(limit)
        if after.excess == 0, after.seconds < now.seconds, isTolerated {
          changes.append(
            Change(
              value: value, retention: retention, price: after.seconds - now.seconds))
        }
        set(before, of: value)
      }
    }
    return changes
  }
}
