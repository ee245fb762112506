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
  /// For every node, its stage.
  private let stageOfNode: [Int]
  private var current: (stage: Int, isBackward: Bool)?
  private var standingBefore = 0
  /// For every stage, the action before which its forward pass ended; -1 where it does not.
  private var forwardEnds: [Int]

  init(_ schedule: Schedule, stages: [Range<NodeID>]) {
    self.schedule = schedule
    stageOfNode = stages.enumerated().flatMap { Array(repeating: $0, count: $1.count) }
    uses = [StageUse](repeating: StageUse(), count: stages.count)
    forwardEnds = Array(repeating: -1, count: stages.count)
    let baseline = BaselineMemory(
      network: schedule.network, batchSize: schedule.batchSize, optimizerStateCount: 0)
    let timeline = Forecast(Step(schedule), baseline: baseline).timeline
    // What becomes of derived parameters is no part of a stage.
    for (index, action) in schedule.actions.enumerated() where !action.isOfParameters {
      follow(action, index, standing: timeline[index].stepTotal)
    }
    countKept()
  }

  private mutating func follow(_ action: Action, _ index: Int, standing: Int) {
    guard let stage = action.node.map({ stageOfNode[$0] }) else { return }
    enter(stage, action, index, standing: standing)
    let use = standing - standingBefore
    if current?.isBackward == true {
      uses[stage].backwardPeak = max(uses[stage].backwardPeak, use)
    } else {
      uses[stage].forwardPeak = max(uses[stage].forwardPeak, use)
    }
  }

  /// Begins a stage's forward or backward pass if the action is its first.
  private mutating func enter(_ stage: Int, _ action: Action, _ index: Int, standing: Int) {
    var isBackward = current?.stage == stage && current?.isBackward == true
    switch action.deeds.first {
    case .backward, .recompute, .decode, .invert: isBackward = stage < uses.count - 1
    case .forward, .encode, .derive, .propagate, .release, nil: break
    }
    guard current?.stage != stage || current?.isBackward != isBackward else { return }
    if let current, !current.isBackward { forwardEnds[current.stage] = index }
    current = (stage, isBackward)
    standingBefore =
      standing - action.scratchByteCount
      - action.creates.reduce(0) {
        $0 + ($1.item.isOfStep ? schedule.byteCount(of: $1.item) : 0)
      }
  }

  /// Adds up what each stage has in memory when its forward pass ends.
  private mutating func countKept() {
    for lifetime in schedule.lifetimes {
      for (position, (item, since)) in lifetime.items.enumerated() where item.isOfStep {
        let until =
          position + 1 < lifetime.items.count ? lifetime.items[position + 1].since : lifetime.end
        let stage = stageOfNode[item.node]
        if since < forwardEnds[stage], forwardEnds[stage] <= until {
          uses[stage].kept += lifetime.byteCount
        }
      }
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
