import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules

/// Runs a network forward and copies the values that it hands out; a network needs no loss for that.
///
///     let inference = try Inference(store, batchSize: 8, engine: engine)
///     // fill inference.batch.samples
///     let scores = try inference.run()[0].values
public final class Inference {
  /// A value that the network handed out, for a whole batch.
  public struct Output: Hashable, Sendable {
    /// The name of the layer that computed it.
    public let name: String
    /// The shape of one sample.
    public let shape: Shape
    /// The values: (batch, spatial…, channels).
    public let values: [Float]
  }

  /// The samples of the next run; labels and targets only matter to losses.
  public let batch: BatchMemory
  /// What a run does.
  public let step: Step

  private let store: ParameterStore
  private let executor: Executor

  /// Takes memory for a batch.
  ///
  /// - Parameters:
  ///   - store: The parameters, and the network.
  ///   - batchSize: The number of samples of a run.
  ///   - engine: Runs the kernels.
  ///   - limits: Limits that hold for the batch and the values in flight.
  /// - Throws: `ScheduleError` if the batch size is out of range, `MemoryBudgetExceeded` if the limits do
  ///   not allow a batch, `LedgerError` if the allocator has no arenas left.
  public init(
    _ store: ParameterStore, batchSize: Int, engine: Engine, limits: MemoryLimits = MemoryLimits()
  ) throws {
    let network = store.network
    self.store = store
    step = try .inference(network, batchSize: batchSize, threadCount: engine.threadCount)
    let ledger = try Ledger(for: network, limits: limits)
    batch = try BatchMemory(network: network, batchSize: batchSize, ledger: ledger)
    executor = Executor(step: step, engine: engine, ledger: ledger)
  }

  /// Runs the network over the samples in `batch`.
  ///
  /// - Returns: The outputs in network order, copied into arrays of their own.
  /// - Throws: `StepError` if memory does not suffice or a label is no class.
  public func run() throws(StepError) -> [Output] {
    var outputs: [Output] = []
    executor.didComputeOutput = { output in
      outputs.append(
        Output(name: output.name, shape: output.shape, values: unsafe Array(output.values)))
    }
    defer { executor.didComputeOutput = nil }
    _ = try executor.run(store: store, batch: batch, seed: 0)
    return outputs
  }
}
