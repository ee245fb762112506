import Networks
import Planning
import Schedules
import Testing

/// Steps from plans of one's own: proved well formed, or refused in one sentence.
@Suite struct OwnPlanTests {
  private static func network() throws -> Network {
    try Network("small", input: Shape(8, 8, channels: 1)) {
      Convolution(3, channels: 4, padding: 1).named("conv")
      ReLU().named("relu")
      GlobalAveragePooling().named("mean")
      Linear(3).named("fc")
      SoftmaxCrossEntropy().named("loss")
    }
  }

  private static func step(_ plan: Plan) throws -> Step {
    try .training(network(), plan: plan, batchSize: 2, threadCount: 2)
  }

  /// All forward passes, then all backward passes.
  private static func plan() throws -> Plan {
    let network = try network()
    return Plan(
      passes: network.nodes.map { .forward($0.id) } + network.backwardOrder.map { .backward($0) },
      of: network)
  }

  @Test func passesInOrderAreFullStorage() throws {
    let full = try Step.training(
      Self.network(), strategy: .full, batchSize: 2, threadCount: 2)
    #expect(try Self.step(Self.plan()).firstSchedule.actions == full.firstSchedule.actions)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let reason: String
    let change: @Sendable (inout Plan) -> Void

    init(_ reason: String, _ change: @escaping @Sendable (inout Plan) -> Void) {
      self.reason = reason
      self.change = change
    }

    var testDescription: String { reason }
  }

  @Test(arguments: [
    Refusal("conv never runs backward") { $0.passes.removeLast() },
    Refusal("relu runs backward twice") { $0.passes.append(.backward(2)) },
    Refusal("relu does not find conv's value") { $0.passes.remove(at: 1) },
    Refusal("conv runs backward before relu, which adds to its gradient") {
      $0.passes.swapAt($0.passes.count - 1, $0.passes.count - 2)
    },
    Refusal("no input of fc can be recovered from its output") {
      $0.passes.insert(.invert(4), at: 6)
    },
    Refusal("it runs node 9, and the nodes are 0 to 5") { $0.passes.append(.forward(9)) },
    Refusal("it runs node -1, and the nodes are 0 to 5") { $0.passes.append(.backward(-1)) },
    Refusal("it has representations for 5 nodes of 6") { $0.representations.removeLast() },
    Refusal("relu reads 1 residuals, not 0") { $0.representations[2] = [] },
    Refusal("fc cannot read a residual that waits as mask") {
      $0.representations[4] = [.signMask]
    },
    Refusal("conv reads a residual that can only wait whole") {
      $0.representations[1] = [.spilled(stagingByteCount: 64)]
    },
  ]) func whatCannotBeFollowedIsRefused(refusal: Refusal) throws {
    var plan = try Self.plan()
    refusal.change(&plan)
    let error = #expect(throws: ScheduleError.self) { try Self.step(plan) }
    #expect(error?.description == "the plan for small cannot be followed: \(refusal.reason)")
  }

  @Test func numbersAreChecked() throws {
    #expect(throws: ScheduleError.self) {
      try Step.training(Self.network(), plan: Self.plan(), batchSize: 0, threadCount: 2)
    }
    let open = try Network("open", input: Shape(8, 8, channels: 1)) { ReLU() }
    let error = #expect(throws: ScheduleError.self) {
      try Step.training(open, plan: Plan(passes: [], of: open), batchSize: 1, threadCount: 1)
    }
    #expect(error?.description.hasPrefix("open has no loss to train") == true)
  }
}
