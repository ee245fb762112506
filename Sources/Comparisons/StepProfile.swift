import Execution
import Files
import MemoryLedger
import Networks
import Schedules

/// The memory of one training step: what it does, its forecast and, if it ran, what was measured.
public struct StepProfile: Sendable {
  /// What was measured while a step ran.
  public struct Measurement: Sendable {
    /// For every action, what stood in memory while it ran, by category.
    public let timeline: [CategoryBytes]
    /// The bytes in category `activations` when the forward pass had ended.
    public let savedByteCount: Int
    /// What the ledger's scope around the step saw.
    public let memory: MemoryMeasurement
    /// What stood when the total was highest, by category and owner.
    public let standingAtPeak: StandingMemory
  }

  /// What the step does.
  public let step: Step
  /// The strategy that it was made with, as it is spelled.
  public let strategy: String
  /// The memory timeline, computed without running anything.
  public let forecast: Forecast
  /// What was measured; nil for a forecast alone.
  public let measurement: Measurement?
  /// How far estimated gradients were from the exact ones, layer by layer; empty unless that was
  /// measured.
  public var gradientErrors: [LayerGradientError] = []

  /// A forecast alone; allocates no tensor.
  ///
  /// - Parameters:
  ///   - step: What the step does.
  ///   - strategy: The strategy that it was made with, as it is spelled.
  ///   - baseline: The memory that stands between steps.
  public init(step: Step, strategy: String, baseline: BaselineMemory) {
    self.step = step
    self.strategy = strategy
    forecast = Forecast(step, baseline: baseline)
    measurement = nil
  }

  /// A step that ran.
  ///
  /// - Throws: `AccountMismatch` unless forecast and ledger agree to the byte at every action.
  init(
    step: Step, strategy: String, forecast: Forecast, measurement: Measurement
  ) throws(AccountMismatch) {
    self.step = step
    self.strategy = strategy
    self.forecast = forecast
    self.measurement = measurement
    try check(measurement)
  }

  /// The network.
  public var network: Network { step.network }

  private func check(_ measurement: Measurement) throws(AccountMismatch) {
    func require(_ what: String, measured: Int, forecast: Int) throws(AccountMismatch) {
      guard measured == forecast else {
        throw AccountMismatch(
          network: network.name, strategy: strategy, quantity: what, measured: measured,
          forecast: forecast)
      }
    }
    try require(
      "number of actions", measured: measurement.timeline.count, forecast: forecast.timeline.count)
    for (index, pair) in zip(measurement.timeline, forecast.timeline).enumerated() {
      for category in MemoryCategory.allCases {
        try require(
          "\(category.name) bytes at action \(index)", measured: pair.0[category],
          forecast: pair.1[category])
      }
    }
    try require(
      "peak bytes", measured: measurement.memory.globalPeak, forecast: forecast.peakByteCount)
    try require(
      "saved bytes", measured: measurement.savedByteCount, forecast: step.savedByteCount)
  }
}

/// Forecast and ledger disagree, which only a defect of this project can cause.
public struct AccountMismatch: DescribedFailure, Equatable {
  /// The network.
  public let network: String
  /// The strategy, as it is spelled.
  public let strategy: String
  /// What was compared.
  public let quantity: String
  /// What the ledger counted.
  public let measured: Int
  /// What was forecast.
  public let forecast: Int

  /// What kind of failure this is: always a defect of this project.
  public var category: FailureCategory { .ownDefect }

  /// One sentence with both numbers.
  public var description: String {
    "the ledger counted \(measured) \(quantity) of \(network) under \(strategy) where the forecast "
      + "was \(forecast); this is a defect of Tidemark, please report it with the command"
  }
}
