import Networks
import Schedules

/// A step that a planner found, with what it takes.
public struct PlannedStep: Sendable {
  /// The step as it runs.
  public let step: Step
  /// The highest total of activations, transients and workspace: as a budget it gives a plan that is
  /// no slower.
  public let activationPeakByteCount: Int
  /// The forecast seconds with the rates that plans are chosen with; for comparison with other plans.
  public let seconds: Double
  /// The relative error of all parameter gradients together that is expected; 0 if there is none but
  /// that of adding up the parts of a batch.
  public let expectedGradientError: Double

  let plan: Plan

  init(
    _ plan: Plan, _ facts: MemoryFacts, partCount: Int, gradientError: Double, costs: StepCosts
  ) {
    step = Step(Schedule(plan, facts), runCount: partCount)
    let baseline = BaselineMemory(
      network: facts.network, batchSize: step.batchSize, optimizerStateCount: 0)
    self.plan = plan
    activationPeakByteCount = Forecast(step, baseline: baseline).activationPeakByteCount
    seconds = costs.seconds(of: step)
    expectedGradientError = gradientError
  }

  /// The forecast seconds of forward passes, recomputation, codecs and backward passes at other
  /// rates, or from what they took.
  ///
  /// - Parameters:
  ///   - rates: The rates for what was not measured.
  ///   - timings: What was; nil for nothing.
  /// - Returns: The seconds.
  public func seconds(rates: MachineRates, timings: PassTimings?) -> Double {
    StepCosts(step.network, batchSize: step.batchSize, rates: rates, timings: timings)
      .seconds(of: step)
  }
}
