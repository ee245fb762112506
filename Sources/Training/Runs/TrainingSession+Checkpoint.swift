import Execution
import Files
import Networks
import Safetensors

extension TrainingSession {
  /// Writes everything that the rest of the training depends on, whole or not at all.
  ///
  /// Allocates the header only: parameters, running statistics and what the optimiser remembers are
  /// written from where they are.
  ///
  /// - Parameter path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written; one that existed stays then.
  public func save(to path: String) throws {
    try Checkpoint.write(slots, counters: counters, settings: description, to: path)
  }

  /// Writes what the training came to as PyTorch holds it: the moving averages if they are kept, else
  /// the parameters themselves.
  ///
  /// - Parameter path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  public func writeParameters(to path: String) throws {
    try trainer.withAverages { try trainer.store.write(to: path) }
  }

  /// Goes on where a checkpoint was written; changes nothing when it does not fit this training.
  ///
  /// - Parameter path: The file.
  /// - Throws: `CheckpointError`, `ParameterFileError`, `SafetensorsError` or `FileFailure`.
  public func resume(from path: String) throws {
    let checkpoint = try Checkpoint(path: path, slots: slots, settings: description)
    guard let counters = SessionCounters(words: checkpoint.counters) else {
      throw CheckpointError(path: path, problem: .damaged)
    }
    let former = variances
    variances = counters.variances
    do {
      try followVariances()
    } catch {
      variances = former
      throw error
    }
    trainer.stepCount = counters.stepCount
    totals = counters.totals
    metrics = counters.metrics
    checkpoint.fill(slots)
  }

  private var counters: [Int64] {
    SessionCounters(
      stepCount: trainer.stepCount, totals: totals, variances: variances, metrics: metrics
    ).words
  }

  /// Everything of floats that a step changes.
  private var slots: [TensorSlot] {
    let store = trainer.store
    var slots: [TensorSlot] = []
    for (index, parameter) in store.parameters.enumerated() {
      let shape = parameter.description.shape
      unsafe slots.append(
        TensorSlot(name: "parameters/\(parameter.name)", shape: shape, values: store.value(index)))
      for number in 0..<(parameter.isTrained ? settings.optimizer.stateCount : 0) {
        unsafe slots.append(
          TensorSlot(
            name: "optimizer/\(parameter.name)/\(number)", shape: shape,
            values: trainer.optimizer.state(number, of: index)))
      }
      if let average = unsafe trainer.averages?.parameter(index) {
        unsafe slots.append(
          TensorSlot(name: "averages/\(parameter.name)", shape: shape, values: average))
      }
    }
    for (index, statistic) in store.runningStatistics.enumerated() {
      unsafe slots.append(
        TensorSlot(
          name: "statistics/\(statistic.name)", shape: statistic.description.shape,
          values: store.statistic(index)))
      if let averages = trainer.averages {
        unsafe slots.append(
          TensorSlot(
            name: "averages/\(statistic.name)", shape: statistic.description.shape,
            values: averages.statistic(index)))
      }
    }
    return slots
  }

  /// What a checkpoint must have been made with to be of this training: first what other settings
  /// follow from.
  private var description: [Checkpoint.Setting] {
    let optimizer = settings.optimizer
    var description: [Checkpoint.Setting] = [
      ("model", trainer.network.name),
      (
        "data",
        "\(data.name) (\(data.count(of: .training)) \(data.sampleNoun), "
          + "checksum \(data.checksum))"
      ),
      ("optimizer", "\(optimizer.rule)"), ("schedule", "\(settings.schedule)"),
      ("strategy", "\(settings.strategy)"), ("batch-size", "\(settings.batchSize)"),
      ("learning-rate", "\(optimizer.learningRate)"),
      ("weight-decay", "\(optimizer.weightDecay)"),
      ("average", optimizer.average.map { "\($0)" } ?? "none"), ("seed", "\(settings.seed)"),
    ]
    let parameters = trainer.network.parameters
    if parameters.contains(where: { !$0.isTrained }) {
      description.append(
        ("train-only", parameters.filter(\.isTrained).map(\.name).joined(separator: ",")))
    }
    // More epochs may follow unless that changes the steps that have been made.
    if settings.schedule.dependsOnEpochCount {
      description.append(("epochs", "\(settings.epochCount)"))
    }
    return description
  }
}
