import Networks
import Testing

@testable import Planning
@testable import Schedules

/// The quick simulation of a network with several ends gives what its schedule's forecast gives.
@Suite struct OpenGraphSimulationTests {
  /// Losses on the way and at the end, values that go on behind a loss, an output beside the way.
  private func network() throws -> Network {
    try Network("ends", input: Shape(12, 12, channels: 3)) {
      Convolution(3, channels: 8, padding: 1)
      ReLU()
      for block in 1...3 {
        Parallel(.adding) {
          Branch("main") {
            Convolution(3, channels: 8, padding: 1)
            BatchNormalization()
          }
          Branch()
        }.named("block\(block)")
        ReLU()
        Auxiliary("early\(block)") {
          GlobalAveragePooling()
          Linear(10)
          SoftmaxCrossEntropy().weighted(0.3)
        }
        Auxiliary("hint\(block)") { ValueLoss.squares() }
      }
      Auxiliary("side") {
        Convolution(1, channels: 2)
        Output()
      }
      MaxPooling(2)
      Flatten()
      Linear(10)
      SoftmaxCrossEntropy()
    }
  }

  @Test(arguments: strategies + [Strategy(recomputation: .revolve(slots: 2))])
  func simulationAndScheduleAgree(strategy: Strategy) throws {
    let network = try network()
    #expect(network.losses.count == 7)
    let facts = PlanningFacts(
      network, batchSize: 8, threadCount: 2,
      costs: StepCosts(network, batchSize: 8, rates: .assumed(threadCount: 2)))
    var simulation = PassSimulation(facts.memory)
    let plan = try strategy.plan(for: network, batchSize: 8, threadCount: 2)
    let simulated = simulation.outcome(
      of: plan.passes, Readings(facts.memory, plan.representations))
    let step = Step(Schedule(plan, facts.memory))
    let baseline = BaselineMemory(network: network, batchSize: 8, optimizerStateCount: 0)
    try Validator.check(step, baseline: baseline)
    #expect(
      simulated.peakByteCount == Forecast(step, baseline: baseline).activationPeakByteCount)
    let seconds = facts.costs.seconds(of: step)
    #expect(abs(simulated.seconds - seconds) <= 1e-9 * seconds)
  }
}
