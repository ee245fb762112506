import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules

/// Trains a network under a strategy, with every byte in a ledger.
public final class Trainer {
  /// The network.
  public let network: Network
  /// What a training step does.
  public private(set) var trainingStep: Step
  /// The account of all memory.
  public let ledger: Ledger
  /// The parameters.
  public let store: ParameterStore
  /// The samples of the next step.
  public let batch: BatchMemory
  /// What moves the parameters.
  public let optimizer: Optimizer
  /// The number of steps that have succeeded.
  public internal(set) var stepCount = 0
  /// Where a step's memory lies in one slab; nil if it lies in blocks of the allocator.
  public private(set) var placement: StepPlacement?

  /// Called before each node's backward pass with what it works on, to measure; until another
  /// strategy is followed.
  package var willRunBackward: ((NodeID, BackwardPass) -> Void)? {
    get { executor.willRunBackward }
    set { executor.willRunBackward = newValue }
  }

  /// The moving averages of parameters and running statistics; nil if none are kept.
  let averages: ParameterAverages?

  private let arrangement: MemoryArrangement
  private let engine: Engine
  private var executor: Executor
  private let seed: UInt64

  /// Creates a trainer and takes the memory that stands between steps.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - strategy: How activations are kept.
  ///   - batchSize: The number of samples of a step.
  ///   - engine: Runs the kernels.
  ///   - optimizer: The optimiser's settings.
  ///   - limits: Limits that the ledger enforces.
  ///   - arrangement: Whether a step's memory lies in blocks of the allocator or in one slab.
  ///   - seed: The seed of starting values and of everything random in a step.
  /// - Throws: `ScheduleError` if the strategy does not fit the network, `MemoryBudgetExceeded` if
  ///   the limits do not allow the memory that stands between steps, `LedgerError` if the allocator
  ///   has no arenas left.
  public convenience init(
    _ network: Network, strategy: Strategy, batchSize: Int, engine: Engine,
    optimizer: OptimizerSettings = .sgd(), limits: MemoryLimits = MemoryLimits(),
    arrangement: MemoryArrangement = .blocks, seed: UInt64 = 0
  ) throws {
    try self.init(
      step: .training(
        network, strategy: strategy, batchSize: batchSize, threadCount: engine.threadCount),
      engine: engine, optimizer: optimizer, ledger: Ledger(for: network, limits: limits),
      arrangement: arrangement, seed: seed)
  }

  /// Creates a trainer from a step of one's own.
  ///
  /// - Parameters:
  ///   - step: What a training step does.
  ///   - engine: Runs the kernels, with the number of threads that the step was made for.
  ///   - optimizer: The optimiser's settings.
  ///   - ledger: The account of all memory, made for the step's network.
  ///   - arrangement: Whether a step's memory lies in blocks of the allocator or in one slab.
  ///   - seed: The seed of starting values and of everything random in a step.
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow the memory that stands
  ///   between steps.
  public init(
    step: Step, engine: Engine, optimizer: OptimizerSettings = .sgd(), ledger: Ledger,
    arrangement: MemoryArrangement = .blocks, seed: UInt64 = 0
  ) throws(MemoryBudgetExceeded) {
    network = step.network
    trainingStep = step
    self.engine = engine
    self.ledger = ledger
    self.seed = seed
    self.arrangement = arrangement
    store = try ParameterStore(network: network, ledger: ledger, seed: seed)
    batch = try BatchMemory(network: network, batchSize: step.batchSize, ledger: ledger)
    self.optimizer = try Optimizer(network: network, ledger: ledger, settings: optimizer)
    if let average = optimizer.average {
      averages = try ParameterAverages(average, of: network, ledger: ledger)
    } else {
      averages = nil
    }
    placement = arrangement == .slab ? StepPlacement(step) : nil
    executor = Executor(step: step, engine: engine, ledger: ledger, placement: placement)
  }

  /// The memory that stands between steps.
  public var baseline: BaselineMemory {
    BaselineMemory(
      network: network, batchSize: trainingStep.batchSize,
      optimizer: optimizer.settings)
  }

  /// The memory timeline of a step, computed without running it.
  public var forecast: Forecast { Forecast(trainingStep, baseline: baseline) }

  /// Computes the gradients of the samples in `batch` without moving any parameter.
  ///
  /// - Parameter shouldStop: Asked before every action; true ends the step.
  /// - Returns: What the step did.
  /// - Throws: `StepError`; parameters, optimiser and statistics are as before then.
  public func computeGradients(
    shouldStop: () -> Bool = { false }
  ) throws(StepError) -> StepResult {
    try executor.run(
      store: store, batch: batch, seed: stepSeed(stepCount), shouldStop: shouldStop)
  }

  /// Trains on the samples in `batch`.
  ///
  /// - Parameter shouldStop: Asked before every action; true ends the step.
  /// - Returns: What the step did.
  /// - Throws: `StepError`; parameters, optimiser and statistics are as before then.
  public func step(shouldStop: () -> Bool = { false }) throws(StepError) -> StepResult {
    let result = try computeGradients(shouldStop: shouldStop)
    if stepCount == 0 { averages?.start(from: store) }
    store.commitStatistics()
    stepCount += 1
    optimizer.update(store, engine: engine, step: stepCount)
    averages?.update(from: store, engine: engine, step: stepCount)
    return result
  }

  /// Runs `body` with the moving averages in the place of parameters and running statistics, as far as
  /// averages are kept and have begun; afterwards all is as before.
  ///
  /// - Parameter body: What tests the network or writes it.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withAverages<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let averages, stepCount > 0 else { return try body() }
    averages.exchange(with: store)
    defer { averages.exchange(with: store) }
    return try body()
  }

  /// Keeps activations in another way from now on; parameters, optimiser and the count of steps stay.
  ///
  /// - Parameter strategy: How activations are kept.
  /// - Throws: `ScheduleError` if the strategy does not fit the network; nothing has changed then.
  public func follow(_ strategy: Strategy) throws(ScheduleError) {
    trainingStep = try .training(
      network, strategy: strategy, batchSize: trainingStep.batchSize,
      threadCount: engine.threadCount)
    placement = arrangement == .slab ? StepPlacement(trainingStep) : nil
    executor = Executor(step: trainingStep, engine: engine, ledger: ledger, placement: placement)
  }

  /// Computes the gradients as the next step will, the same elements dropping out, but with other random
  /// numbers for what represents values.
  package func computeGradients(
    drawing number: UInt64, shouldStop: () -> Bool = { false }
  ) throws(StepError) -> StepResult {
    try executor.run(
      store: store, batch: batch, seed: stepSeed(stepCount), drawing: number,
      shouldStop: shouldStop)
  }

  private func stepSeed(_ step: Int) -> UInt64 {
    RandomStream.word(seed, step)
  }
}
