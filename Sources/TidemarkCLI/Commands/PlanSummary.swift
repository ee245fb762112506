import Reporting
import Tidemark

/// What a plan takes, in sentences.
struct PlanSummary {
  /// The rates that seconds are forecast with.
  let rates: MachineRates
  /// What passes took just now; nil if that was not measured.
  let timings: PassTimings?

  private let step: PlannedStep
  private let profile: StepProfile
  private let fullPeakByteCount: Int
  private let isMeasured: Bool
  private let sensitivity: GradientSensitivity?

  init(
    _ step: PlannedStep, planner: StepPlanner, profile: StepProfile, rates: MachineRates,
    timings: PassTimings?, isMeasured: Bool, sensitivity: GradientSensitivity?
  ) {
    self.step = step
    self.profile = profile
    self.rates = rates
    self.timings = timings
    self.sensitivity = sensitivity
    self.isMeasured = isMeasured
    fullPeakByteCount = planner.fullPeakByteCount
  }

  private var seconds: Double { step.seconds(rates: rates, timings: timings) }

  /// Forecast memory, time and error.
  var lines: [String] {
    let schedule = step.schedule
    let peak = ByteCount(bytes: step.activationPeakByteCount)
    let share = Double(step.activationPeakByteCount) / Double(fullPeakByteCount)
    var lines = [
      "Batch of \(schedule.batchSize) samples of \(schedule.network.inputShape)"
        + (schedule.partCount > 1
          ? " in \(schedule.partCount) parts of \(schedule.partBatchSize)" : "")
        + ", \(schedule.threadCount) threads.",
      "Forecast peak: \(peak.fullDescription) of activations, transients and workspace, "
        + "\(NumberFormat.percent(share)) of full storage's; "
        + "\(ByteCount(bytes: profile.forecast.peakByteCount).fullDescription) with parameters, "
        + "gradients, optimiser and input.",
      "Forecast time: \(NumberFormat.seconds(seconds)) a step, with "
        + "\(NumberFormat.percent(schedule.recomputedFLOPsFraction)) of a forward pass's arithmetic "
        + "computed anew, \(rateDescription).",
    ]
    if step.expectedGradientError > 0 {
      lines.append(
        "Expected error of the gradient: \(NumberFormat.fixed(step.expectedGradientError, decimals: 4))"
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
        + "\(ByteCount(bytes: step.activationPeakByteCount).fullDescription); forecast and ledger "
        + "agree to the byte at all \(execution.actionSeconds.count) actions.",
      "A step took \(NumberFormat.seconds(seconds)), forecast "
        + "\(NumberFormat.seconds(self.seconds)).",
    ]
    if let placement = execution.placement { lines.append(placement.summary) }
    if let error = execution.gradientRelativeError {
      lines.append(
        "The gradient erred by \(NumberFormat.fixed(error, decimals: 4)) of its norm, expected "
          + "\(NumberFormat.fixed(step.expectedGradientError, decimals: 4)).")
    }
    return lines
  }
}
