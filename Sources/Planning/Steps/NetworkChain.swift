import Networks
import Schedules

/// The bytes and costs of a network's stages, from schedules of the network itself.
///
/// What a stage keeps is what the schedule of full storage holds of it at the end of its forward
/// pass; temporaries are what stands besides at the highest. The chain's last stage and the loss are
/// its end. The network's input counts nothing, since it is there all the time.
struct NetworkChain {
  private let stages: NetworkStages
  private let approximation: Approximation?
  private let facts: PlanningFacts
  private var costs: StepCosts { facts.costs }
  private(set) var chain = Chain(
    stages: [], loss: Chain.Loss(inputByteCount: 0, temporaryByteCount: 0, cost: 0))

  init(
    _ stages: NetworkStages, approximation: Approximation?, _ facts: PlanningFacts
  ) {
    self.facts = facts
    self.stages = stages
    self.approximation = approximation
    chain = measuredChain()
  }

  /// The number of stages before the end.
  private var count: Int { stages.stages.count - 1 }

  // MARK: Measuring

  private func measuredChain() -> Chain {
    // One with all tapes, one with all lean tapes and one with all checkpoints; in each, every value
    // at a cut is whole, as it would be for a checkpoint.
    let tapes = (0..<2).map { option in
      (0..<count).map { ChainAction.tape($0, option: option) } + [.loss]
        + (0..<count).reversed().map { .backward($0) }
    }
    let checkpoints =
      (0..<count).map { ChainAction.checkpoint($0) } + [.loss]
      + (0..<count).reversed().flatMap { [.tape($0, option: 0), .backward($0)] }
    let full = measure(tapes[0])
    let lean = measure(tapes[1])
    let bare = measure(checkpoints)

    let values = (0...count).map { stage in
      stages.inputNode(of: stage).map {
        stages.network.byteCount(of: .value($0), batchSize: facts.batchSize)
      } ?? 0
    }
    func tape(_ measured: StageUse, _ stage: Int, rerun: Double) -> Chain.Tape {
      Chain.Tape(
        byteCount: measured.kept,
        forwardTemporaryByteCount: max(0, measured.forwardPeak - measured.kept),
        backwardTemporaryByteCount: max(0, measured.backwardPeak - values[stage]),
        backwardCost: sum(costs.backward, stages.stages[stage]) + rerun)
    }
    return Chain(
      stages: (0..<count).map { stage in
        var kinds = [tape(full[stage], stage, rerun: 0)]
        let rerun = sum(costs.forward, stages.rerunNodes(of: stage))
        if lean[stage].kept < full[stage].kept {
          kinds.append(tape(lean[stage], stage, rerun: rerun))
        }
        return Chain.Stage(
          inputByteCount: values[stage], forwardCost: sum(costs.forward, stages.stages[stage]),
          forwardTemporaryByteCount: max(0, bare[stage].forwardPeak - values[stage + 1]),
          tapes: kinds)
      },
      loss: Chain.Loss(
        inputByteCount: values[count],
        temporaryByteCount: max(0, full[count].forwardPeak - values[count]),
        cost: sum(costs.forward, stages.stages[count])
          + sum(costs.backward, stages.stages[count])))
  }

  private func sum(_ costs: [Double], _ nodes: some Sequence<NodeID>) -> Double {
    nodes.reduce(0) { $0 + costs[$1] }
  }

  private func measure(_ actions: [ChainAction]) -> [StageUse] {
    var plan = stages.plan(
      actions, stageCount: count, approximation: approximation, batchSize: facts.batchSize)
    plan.representations = stages.network.leanRepresentations(
      wholeValues: Set((0...count).compactMap { stages.inputNode(of: $0) }),
      approximation: approximation, batchSize: facts.batchSize)
    return StageMeasurement(Schedule(plan, facts.memory), stages: stages.stages).uses
  }
}
