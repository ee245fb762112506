import MemoryLedger
import Networks

/// The memory that stands between steps, whatever they do.
public struct BaselineMemory: Equatable, Sendable {
  /// The bytes by category.
  public let bytes: CategoryBytes

  /// The memory of training.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  ///   - optimizerStateCount: How many numbers the optimiser keeps for each parameter.
  ///   - keepsAverages: Whether moving averages of trained parameters and running statistics are kept.
  public init(
    network: Network, batchSize: Int, optimizerStateCount: Int, keepsAverages: Bool = false
  ) {
    let trained = network.trainedParameterCount * MemoryLayout<Float>.stride
    let statistics = network.runningStatistics.reduce(0) { $0 + $1.description.byteCount }
    var bytes = CategoryBytes()
    // Running statistics exist twice: those in force and those of the step that is under way.
    bytes[.parameters] = network.parameterCount * MemoryLayout<Float>.stride + 2 * statistics
    bytes[.parameterGradients] = trained
    bytes[.optimizerState] =
      optimizerStateCount * trained + (keepsAverages ? trained + statistics : 0)
    bytes[.input] =
      network.inputShape.byteCount(batchSize: batchSize)
      + network.targetByteCount(batchSize: batchSize)
    self.bytes = bytes
  }
}

/// The memory timeline of a step, computed without running it.
public struct Forecast: Sendable {
  /// For every action, what stands in memory while it runs, by category.
  public let timeline: [CategoryBytes]

  /// Follows the actions of all runs.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - baseline: The memory that stands between steps.
  public init(_ step: Step, baseline: BaselineMemory) {
    var standing = baseline.bytes
    if step.addsGradients { standing[.parameterGradients] += standing[.parameterGradients] }
    // Every run ends with what it began with.
    let timelines = step.schedules.map { Self.timeline(of: $0, over: standing) }
    timeline = step.runs.flatMap { timelines[$0.scheduleIndex] }
  }

  /// Follows a schedule's actions, over what stands before and after.
  private static func timeline(
    of schedule: Schedule, over standing: CategoryBytes
  ) -> [CategoryBytes] {
    // What comes and what goes with each action.
    var changes = [CategoryBytes](repeating: CategoryBytes(), count: schedule.actions.count + 1)
    for lifetime in schedule.lifetimes {
      changes[lifetime.start][lifetime.category] += lifetime.byteCount
      changes[lifetime.end][lifetime.category] -= lifetime.byteCount
    }
    var current = standing
    return zip(schedule.actions, changes).map { action, change in
      for category in MemoryCategory.allCases { current[category] += change[category] }
      var during = current
      during[.workspace] += action.scratchByteCount
      return during
    }
  }

  /// The highest total of all categories.
  public var peakByteCount: Int { timeline.map(\.total).max() ?? 0 }

  /// The highest total of activations, transients and workspace.
  public var activationPeakByteCount: Int { timeline.map(\.stepTotal).max() ?? 0 }
}

extension CategoryBytes {
  /// What a step itself takes: activations, transients and workspace.
  public var stepTotal: Int { self[.activations] + self[.transient] + self[.workspace] }
}
