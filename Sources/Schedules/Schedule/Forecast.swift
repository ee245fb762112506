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
    var current = standing
    var categories: [Item: MemoryCategory] = [:]
    var timeline: [CategoryBytes] = []
    timeline.reserveCapacity(schedule.actions.count)
    for action in schedule.actions {
      for creation in action.creates {
        categories[creation.item] = creation.category
        current[creation.category] += schedule.byteCount(of: creation.item)
      }
      for item in action.releases {
        guard let category = categories.removeValue(forKey: item) else { continue }
        current[category] -= schedule.byteCount(of: item)
      }
      var during = current
      during[.workspace] += action.scratchByteCount
      timeline.append(during)
      for handOver in action.handsOver {
        categories[handOver.to] = categories.removeValue(forKey: handOver.from)
      }
    }
    return timeline
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

extension Schedule {
  /// The requested bytes of an item.
  package func byteCount(of item: Item) -> Int {
    network.byteCount(of: item, batchSize: batchSize)
  }

  /// The bytes that each node has in category `activations` at the end of the forward pass.
  public var savedByteCounts: [Int] {
    var saved: [Item: (owner: NodeID, byteCount: Int)] = [:]
    for action in actions[..<backwardStart] {
      for creation in action.creates where creation.category == .activations {
        saved[creation.item] = (creation.owner, byteCount(of: creation.item))
      }
      for handOver in action.handsOver {
        saved[handOver.to] = saved.removeValue(forKey: handOver.from)
      }
      for item in action.releases { saved[item] = nil }
    }
    return saved.values.reduce(into: [Int](repeating: 0, count: network.nodes.count)) {
      $0[$1.owner] += $1.byteCount
    }
  }
}
