import MemoryLedger
import Networks
import Schedules

/// What a stage takes in one schedule.
struct StageUse {
  /// The bytes of its own items at the end of its first forward pass.
  var kept = 0
  /// The most that stands in its first forward pass, over what stood before.
  var forwardPeak = 0
  /// The most that stands in its backward pass, over what stood before.
  var backwardPeak = 0
}

/// Follows a schedule's forecast, stage by stage.
///
/// What a stage runs again counts as part of its backward pass; all that the last stage does counts
/// as its forward pass.
struct StageMeasurement {
  /// What each stage takes.
  private(set) var uses: [StageUse]

  private let schedule: Schedule
  private let stages: [Range<NodeID>]
  private var live: [Item: Int] = [:]
  private var current: (stage: Int, isBackward: Bool)?
  private var standingBefore = 0

  init(_ schedule: Schedule, stages: [Range<NodeID>]) {
    self.schedule = schedule
    self.stages = stages
    uses = [StageUse](repeating: StageUse(), count: stages.count)
    let baseline = BaselineMemory(
      network: schedule.network, batchSize: schedule.batchSize, optimizerStateCount: 0)
    let timeline = Forecast(Step(schedule), baseline: baseline).timeline
    // What becomes of derived parameters is no part of a stage.
    for (action, bytes) in zip(schedule.actions, timeline) where !action.isOfParameters {
      follow(action, standing: bytes.stepTotal)
    }
  }

  private mutating func follow(_ action: Action, standing: Int) {
    if let stage = action.node.flatMap({ node in stages.firstIndex { $0.contains(node) } }) {
      enter(stage, action, standing: standing)
      let use = standing - standingBefore
      if current?.isBackward == true {
        uses[stage].backwardPeak = max(uses[stage].backwardPeak, use)
      } else {
        uses[stage].forwardPeak = max(uses[stage].forwardPeak, use)
      }
    }
    for creation in action.creates where creation.item.isOfStep {
      live[creation.item] = schedule.byteCount(of: creation.item)
    }
    for handOver in action.handsOver {
      live[handOver.to] = live.removeValue(forKey: handOver.from)
    }
    for item in action.releases { live[item] = nil }
  }

  /// Begins a stage's forward or backward pass if the action is its first.
  private mutating func enter(_ stage: Int, _ action: Action, standing: Int) {
    var isBackward = current?.stage == stage && current?.isBackward == true
    switch action.deeds.first {
    case .backward, .recompute, .decode, .invert: isBackward = stage < stages.count - 1
    case .forward, .encode, .derive, .propagate, .release, nil: break
    }
    guard current?.stage != stage || current?.isBackward != isBackward else { return }
    if let current, !current.isBackward {
      uses[current.stage].kept = live.reduce(0) { sum, entry in
        stages[current.stage].contains(entry.key.node) ? sum + entry.value : sum
      }
    }
    current = (stage, isBackward)
    standingBefore =
      standing - action.scratchByteCount
      - action.creates.reduce(0) {
        $0 + ($1.item.isOfStep ? schedule.byteCount(of: $1.item) : 0)
      }
  }
}

extension Action {
  /// Whether it derives a parameter, propagates its gradient, or gives one of both back.
  fileprivate var isOfParameters: Bool {
    switch deeds.first {
    case .derive, .propagate: true
    case .release: releases.allSatisfy { !$0.isOfStep }
    case .forward, .recompute, .encode, .decode, .backward, .invert, nil: false
    }
  }
}

extension Item {
  /// Whether it is part of a step's values; derived parameters are not.
  fileprivate var isOfStep: Bool {
    switch self {
    case .derived, .derivedGradient: false
    case .value, .gradient, .residual, .encoded, .staging: true
    }
  }
}
