import Networks

/// What a plan takes and costs, found without making its schedule.
///
/// It counts what the rules of memory tell (`MemoryWalk`) and gives the peak of the schedule's own
/// forecast, many times faster: planners try thousands of plans.
package struct PassSimulation {
  /// What was found.
  package struct Outcome {
    /// The highest total of activations, transients and workspace.
    package fileprivate(set) var peakByteCount = 0
    /// What stands over a limit, summed up over the actions.
    package fileprivate(set) var excess = 0.0
    /// The forecast seconds of the step.
    package fileprivate(set) var seconds = 0.0
  }

  private var walk: MemoryWalk<ByteCounter>

  /// Prepares to simulate plans.
  ///
  /// - Parameters:
  ///   - facts: What passes do to memory, with what they cost.
  ///   - keepsDerivedParameters: Whether derived parameters stay from their first use to their last.
  package init(_ facts: MemoryFacts, keepsDerivedParameters: Bool = true) {
    walk = MemoryWalk(
      facts, keepsDerivedParameters: keepsDerivedParameters, follower: ByteCounter(facts))
  }

  /// Follows a plan's passes.
  ///
  /// - Parameters:
  ///   - passes: The passes.
  ///   - readings: How backward passes find what they need.
  ///   - limit: The bytes over which `excess` is counted.
  /// - Returns: What they take and cost.
  package mutating func outcome(
    of passes: [Plan.Pass], _ readings: Readings, limit: Int = .max
  ) -> Outcome {
    walk.follower.begin(limit: limit)
    walk.follow(passes, readings)
    return walk.follower.outcome
  }
}

/// Adds up bytes and seconds.
private struct ByteCounter: MemoryFollower {
  private(set) var outcome = PassSimulation.Outcome()
  private let facts: MemoryFacts
  private let costs: PassCosts
  private var standing = 0
  private var limit = Int.max
  /// The longest deed of the action that is under way, and the sketches that are written with it:
  /// together they are its seconds (`StepCosts`).
  private var longest = 0.0
  private var sketches = 0.0

  init(_ facts: MemoryFacts) {
    guard let costs = facts.costs else { preconditionFailure("a simulation is of costs") }
    self.facts = facts
    self.costs = costs
  }

  mutating func begin(limit: Int) {
    outcome = PassSimulation.Outcome()
    standing = 0
    self.limit = limit
  }

  mutating func run(_ deed: MemoryDeed) {
    let seconds =
      switch deed {
      case .forward(let node), .recompute(let node), .invert(let node): costs.forward[node]
      case .backward(let node): costs.backward[node]
      case .derive(let parameter), .propagate(let parameter): costs.derivation[parameter]
      }
    longest = max(longest, seconds)
  }

  mutating func encode(_ value: NodeID, _ encoding: Readings.Encoding) {
    if case .sketch = encoding.representation {
      sketches += encoding.seconds
    } else {
      longest = max(longest, encoding.seconds)
    }
  }

  mutating func decode(_ value: NodeID, _ encoding: Readings.Encoding) {
    longest = max(longest, encoding.seconds)
  }

  mutating func take(_ item: Int, byteCount: Int, for purpose: MemoryPurpose) {
    guard purpose == .held || purpose == .passing else { return }
    standing += byteCount
  }

  mutating func handOver(_ item: Int, to successor: Int, isHeld: Bool) {}

  mutating func endAction(scratchByteCount: Int) {
    let during = standing + scratchByteCount
    outcome.peakByteCount = max(outcome.peakByteCount, during)
    if during > limit { outcome.excess += Double(during - limit) }
    outcome.seconds += longest + sketches
    longest = 0
    sketches = 0
  }

  mutating func giveBack(_ item: Int, byteCount: Int) {
    if !facts.isDerived(item) { standing -= byteCount }
  }

  mutating func endRelease() {}
}
