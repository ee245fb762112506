import Reporting
import Tidemark

/// What a plan takes, in sentences.
struct PlanSummary {
  /// The rates that seconds are forecast with.
  let rates: MachineRates
  /// What passes took just now; nil if that was not measured.
  let timings: PassTimings?

  private let plan: PlannedStep
  private let profile: StepProfile
  private let fullPeakByteCount: Int
  private let isMeasured: Bool
  private let sensitivity: GradientSensitivity?

  init(
    _ plan: PlannedStep, planner: StepPlanner, profile: StepProfile, rates: MachineRates,
    timings: PassTimings?, isMeasured: Bool, sensitivity: GradientSensitivity?
  ) {
    self.plan = plan
    self.profile = profile
    self.rates = rates
    self.timings = timings
    self.sensitivity = sensitivity
    self.isMeasured = isMeasured
    fullPeakByteCount = planner.fullPeakByteCount
  }

  private var seconds: Double { plan.seconds(rates: rates, timings: timings) }

  /// Forecast memory, time and error.
  var lines: [String] {
    let step = plan.step
    let peak = ByteCount(bytes: plan.activationPeakByteCount)
    let share = Double(plan.activationPeakByteCount) / Double(fullPeakByteCount)
    var lines = [
      "Batch of \(step.batchSize) samples of \(step.network.inputShape)"
        + (step.runs.count > 1
          ? " in \(step.runs.count) parts of \(step.firstSchedule.batchSize)" : "")
        + ", \(step.threadCount) threads.",
      "Forecast peak: \(peak.fullDescription) of activations, transients and workspace, "
        + "\(NumberFormat.percent(share)) of full storage's; "
        + "\(ByteCount(bytes: profile.forecast.peakByteCount).fullDescription) with parameters, "
        + "gradients, optimiser and input.",
      "Forecast time: \(NumberFormat.seconds(seconds)) a step, with "
        + "\(NumberFormat.percent(step.recomputedFLOPsFraction)) of a forward pass's arithmetic "
        + "computed anew, \(rateDescription).",
    ]
    if plan.expectedGradientError > 0 {
      lines.append(
        "Expected error of the gradient: \(NumberFormat.fixed(plan.expectedGradientError, decimals: 4))"
          + " of its norm, "
          + (sensitivity == nil
            ? "an order of magnitude, since the network is too large to be tried."
            : "from the errors of a few samples."))
    }
    return lines
  }

  private var rateDescription: String {
    if let timings {
      return "from what layers took just now for "
        + (timings.sampleCount == 1 ? "a sample" : "\(timings.sampleCount) samples")
    }
    let operations = NumberFormat.fixed(rates.operationsPerSecond / 1e9, decimals: 0)
    let bytes = NumberFormat.fixed(rates.bytesPerSecond / 1e9, decimals: 1)
    return "at \(operations) GFLOP/s and \(bytes) GB/s, "
      + (isMeasured ? "measured just now on the heaviest layer" : "assumed")
  }

  /// What a step took beside its forecast.
  func lines(after execution: PlanExecution) -> [String] {
    let measured = execution.profile.measurement
    let peak = measured?.timeline.map(\.stepTotal).max() ?? 0
    let seconds = execution.actionSeconds.reduce(0, +)
    var lines = [
      "Executed: the peak was \(ByteCount(bytes: peak).fullDescription), forecast "
        + "\(ByteCount(bytes: plan.activationPeakByteCount).fullDescription); forecast and ledger "
        + "agree to the byte at all \(execution.actionSeconds.count) actions.",
      "A step took \(NumberFormat.seconds(seconds)), forecast "
        + "\(NumberFormat.seconds(self.seconds)).",
    ]
    if let placement = execution.placement { lines.append(placement.summary) }
    if let error = execution.gradientRelativeError {
      lines.append(
        "The gradient erred by \(NumberFormat.fixed(error, decimals: 4)) of its norm, expected "
          + "\(NumberFormat.fixed(plan.expectedGradientError, decimals: 4)).")
    }
    return lines
  }
}
