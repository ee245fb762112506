import Networks

/// A run of a schedule over some of a step's samples.
public struct Run: Hashable, Sendable {
  /// The number of its schedule among those of the step: runs that do the same share one.
  public let scheduleIndex: Int
  /// The samples of the step's batch that it works on.
  public let samples: Range<Int>
  /// What its loss and gradients count for in those of the step: they are multiplied by it.
  public let gradientShare: Float

  /// Creates a run.
  ///
  /// - Parameters:
  ///   - scheduleIndex: The number of its schedule among those of the step.
  ///   - samples: The samples that it works on, as many as its schedule runs at once.
  ///   - gradientShare: What its loss and gradients are multiplied by.
  public init(scheduleIndex: Int, samples: Range<Int>, gradientShare: Float) {
    self.scheduleIndex = scheduleIndex
    self.samples = samples
    self.gradientShare = gradientShare
  }
}

/// A step as plain data: runs one after the other over one store of parameters.
///
/// Each run makes its gradients apart, and they are added to those of the runs before it when it is
/// complete: a step of three has the gradients (g₁ + g₂) + g₃, to the bit.
public struct Step: Sendable {
  /// The schedules of the runs; there is at least one.
  public let schedules: [Schedule]
  /// The runs in order; there is at least one.
  public let runs: [Run]

  /// Creates a step.
  ///
  /// - Parameters:
  ///   - schedules: What runs do, all in one mode and for one number of threads.
  ///   - runs: The runs in order, at least one.
  public init(schedules: [Schedule], runs: [Run]) {
    precondition(!runs.isEmpty, "a step has a run")
    precondition(
      schedules.allSatisfy {
        $0.threadCount == schedules[0].threadCount && $0.mode == schedules[0].mode
      }, "all runs are in one mode and for one number of threads")
    self.schedules = schedules
    self.runs = runs
  }

  /// Creates a step of one run, or of several over equal parts of a batch one after the other.
  ///
  /// - Parameters:
  ///   - schedule: What each run does, for a part of the batch.
  ///   - runCount: The number of parts, at least one.
  public init(_ schedule: Schedule, runCount: Int = 1) {
    self.init(
      schedules: [schedule],
      runs: (0..<runCount).map { part in
        let start = part * schedule.batchSize
        return Run(
          scheduleIndex: 0, samples: start..<start + schedule.batchSize,
          gradientShare: 1 / Float(runCount))
      })
  }
}

extension Step {
  /// What a run does.
  public func schedule(of run: Run) -> Schedule { schedules[run.scheduleIndex] }

  /// What the first run does.
  public var firstSchedule: Schedule { schedule(of: runs[0]) }

  /// The network of the first run.
  public var network: Network { firstSchedule.network }

  /// The number of samples of the step.
  public var batchSize: Int { runs.reduce(0) { max($0, $1.samples.upperBound) } }

  /// The number of threads that scratch is booked for.
  public var threadCount: Int { schedules[0].threadCount }

  /// Training or inference.
  public var mode: Mode { schedules[0].mode }

  /// Whether runs make gradients apart, which takes memory for as many again as there are parameters.
  public var addsGradients: Bool { mode == .training && runs.count > 1 }

  /// The actions of all runs, one after the other.
  public var actions: some BidirectionalCollection<Action> {
    runs.lazy.map { schedules[$0.scheduleIndex].actions }.joined()
  }

  /// For every action, whether it belongs to the backward pass of its run.
  public var isBackward: [Bool] {
    let phases = schedules.map { schedule in
      let start = schedule.backwardStart
      return schedule.actions.indices.map { $0 >= start }
    }
    return runs.flatMap { phases[$0.scheduleIndex] }
  }

  /// The bytes in category `activations` at the end of the forward pass of the run that saves most.
  public var savedByteCount: Int {
    schedules.map { $0.savedByteCounts.reduce(0, +) }.max() ?? 0
  }

  /// The arithmetic of recomputed forward passes over that of the forward passes of all runs.
  public var recomputedFLOPsFraction: Double {
    func sum(_ flops: [Double]) -> Double {
      runs.reduce(0) { $0 + Double($1.samples.count) * flops[$1.scheduleIndex] }
    }
    return sum(schedules.map(\.recomputedFLOPs)) / sum(schedules.map(\.forwardFLOPs))
  }
}
