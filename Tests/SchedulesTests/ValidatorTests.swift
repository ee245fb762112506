import MemoryLedger
import Networks
import Testing

@testable import Planning
@testable import Schedules

/// The validator must notice whatever is wrong; here every schedule is spoilt in every place.
@Suite struct ValidatorTests {
  static let image = Shape(28, 28, channels: 1)

  @Test(arguments: [Model.vgg8, .resnet8], strategies)
  func noActionCanBeLeftOut(model: Model, strategy: Strategy) throws {
    let schedule = try schedule(model, strategy)
    #expect(isValid(schedule.actions, like: schedule))
    for index in schedule.actions.indices {
      var actions = schedule.actions
      actions.remove(at: index)
      #expect(!isValid(actions, like: schedule), "without action \(index)")
      actions = schedule.actions
      actions.insert(actions[index], at: index)
      #expect(!isValid(actions, like: schedule), "with action \(index) twice")
    }
  }

  @Test(arguments: [Model.vgg8, .resnet8], strategies)
  func noPartOfAnActionCanBeLeftOut(model: Model, strategy: Strategy) throws {
    let schedule = try schedule(model, strategy)
    for (index, action) in schedule.actions.enumerated() {
      var spoilt: [Action] = []
      if action.deeds.count > 1 {
        spoilt += action.deeds.indices.map { part in
          var deeds = action.deeds
          deeds.remove(at: part)
          return action.with(deeds: deeds)
        }
        spoilt.append(action.with(deeds: action.deeds.reversed()))
      }
      spoilt += action.creates.indices.map { part in
        var creates = action.creates
        creates.remove(at: part)
        return action.with(creates: creates)
      }
      spoilt += action.handsOver.indices.map { part in
        var handsOver = action.handsOver
        handsOver.remove(at: part)
        return action.with(handsOver: handsOver)
      }
      for wrong in spoilt {
        var actions = schedule.actions
        actions[index] = wrong
        #expect(!isValid(actions, like: schedule), "action \(index)")
      }
    }
  }

  @Test func rectifiersShareThePassOfTheNodeBefore() throws {
    let schedule = try schedule(.resnet8, .full)
    let network = schedule.network
    var fused = 0
    for node in network.nodes where node.operation.rectifierSlope != nil {
      let before = node.inputs[0]
      let passes = network.nodes[before].operation.fusesRectifier(for: network.demands[before])
      let forward = schedule.actions.first { $0.deeds.contains(.forward(node.id)) }
      let backward = schedule.actions.first { $0.deeds.contains(.backward(node.id)) }
      #expect(forward?.deeds.contains(.forward(before)) == passes.contains(.forward))
      #expect(backward?.deeds.contains(.backward(before)) == passes.contains(.backward))
      fused += passes.count
    }
    // A stem and three blocks: four rectifiers behind normalisations, three behind additions.
    #expect(fused == 4 * 2 + 3)
    for action in schedule.actions {
      guard case .encode(_, .signMask) = action.deeds.first else { continue }
      Issue.record("signs are packed in a pass of their own")
    }
  }

  /// Where there are samples enough, and each has random numbers of its own.
  @Test(arguments: [Model.vgg8, .resnet8])
  func sketchesShareThePassThatWritesTheValue(model: Model) throws {
    func sketching(_ spelling: String, batchSize: Int) throws -> [Action] {
      try schedule(model, Strategy(parsing: spelling), batchSize: batchSize).actions.filter {
        $0.deeds.contains { if case .encode(_, .sketch) = $0 { true } else { false } }
      }
    }
    let fused = try sketching("trace:8", batchSize: 8)
    #expect(fused.count > 3)
    #expect(fused.allSatisfy { $0.deeds.first?.isCodec == false })
    for (spelling, batchSize) in [("trace:8", 7), ("trace:8,estimator=gaussian", 8)] {
      let alone = try sketching(spelling, batchSize: batchSize)
      #expect(alone.count == fused.count)
      #expect(alone.allSatisfy { $0.deeds.count == 1 })
    }
  }

  /// What no pass can do is not to be done in one, though nothing is wrong with its memory.
  @Test func sketchesThatNeedAPassOfTheirOwnAreFound() throws {
    for (spelling, canJoin) in [("trace:8", true), ("trace:8,estimator=gaussian", false)] {
      let schedule = try schedule(.vgg8, Strategy(parsing: spelling), batchSize: 8)
      let network = schedule.network
      for action in schedule.actions {
        guard case .encode(let node, .sketch) = action.deeds.last else { continue }
        let alone = action.deeds.suffix(1)
        #expect(network.canFuse([.forward(node)] + alone, batchSize: 8) == canJoin)
        #expect(!network.canFuse([.forward(node)] + alone, batchSize: 7))
        #expect(!network.canFuse([.forward(node)] + alone + alone, batchSize: 8))
      }
    }
  }

  /// What runs have in common with the step: samples, and limits over all of them.
  @Test func stepsOfSeveralRunsAreChecked() throws {
    func reason(_ step: Step, _ limits: MemoryLimits = MemoryLimits()) -> String? {
      let baseline = BaselineMemory(
        network: step.network, batchSize: step.batchSize, optimizerStateCount: 1)
      do {
        try Validator.check(step, baseline: baseline, limits: limits)
        return nil
      } catch {
        return error.description
      }
    }
    let part = try schedule(.lenet, .full)
    let step = Step(part, runCount: 3)
    #expect(reason(step) == nil)
    let forecast = Forecast(
      step, baseline: BaselineMemory(network: step.network, batchSize: 9, optimizerStateCount: 1))
    #expect(forecast.timeline.count == 3 * part.actions.count)
    let (peak, limit) = (forecast.peakByteCount, forecast.peakByteCount - 1)
    let first = try #require(forecast.timeline.firstIndex { $0.total == peak })
    #expect(reason(step, MemoryLimits(total: peak)) == nil)
    #expect(
      reason(step, MemoryLimits(total: limit))
        == "action \(first): \(peak) bytes stand against a limit of \(limit)")

    let short = Run(scheduleIndex: 0, samples: 3..<5, gradientShare: 1)
    let wrong = Step(schedules: step.schedules, runs: step.runs.prefix(1) + [short])
    #expect(
      reason(wrong)
        == "action \(part.actions.count): a run over samples 3..<5 has a schedule for 3")
    let normalized = Step(try schedule(.resnet8, .full), runCount: 2)
    #expect(
      reason(normalized)
        == "action 0: parts of a batch are not normalised as the whole is")
  }

  private func schedule(
    _ model: Model, _ strategy: Strategy, batchSize: Int = 3
  ) throws -> Schedule {
    try Step.training(
      model.network(input: Self.image, classes: 10), strategy: strategy, batchSize: batchSize,
      threadCount: 1
    ).firstSchedule
  }

  private func isValid(_ actions: [Action], like schedule: Schedule) -> Bool {
    let changed = Schedule(
      network: schedule.network, batchSize: schedule.batchSize,
      threadCount: schedule.threadCount, mode: schedule.mode, actions: actions,
      representations: schedule.representations)
    do {
      try Validator.check(
        Step(changed),
        baseline: BaselineMemory(
          network: schedule.network, batchSize: schedule.batchSize, optimizerStateCount: 1))
      return true
    } catch {
      return false
    }
  }
}

extension Action {
  fileprivate func with(
    deeds: [Deed]? = nil, creates: [Creation]? = nil, handsOver: [HandOver]? = nil
  ) -> Action {
    Action(
      deeds ?? self.deeds, creates: creates ?? self.creates,
      handsOver: handsOver ?? self.handsOver, releases: releases,
      scratchByteCount: scratchByteCount)
  }
}
