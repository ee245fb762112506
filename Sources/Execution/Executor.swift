import Files
import Kernels
import MemoryLedger
import Networks
import Schedules

/// Runs a step: takes and gives back memory as its schedules say, and calls operations and codecs.
@safe public final class Executor {
  /// The step that is run.
  public let step: Step

  /// Called before each node's backward pass with what it works on, to measure.
  package var willRunBackward: ((NodeID, BackwardPass) -> Void)?

  /// Called with the values of an output, whenever they have been computed for the first time in a
  /// run; they stand there only while it is called.
  public var didComputeOutput: ((OutputValues) -> Void)?

  let engine: Engine
  /// The schedule of the run that is under way.
  private(set) var schedule: Schedule
  private let ledger: Ledger
  var buffers: [Item: TensorBuffer] = [:]
  /// The parameters whose gradients this run has begun: a second node that names one adds.
  var begunGradients: Set<ParameterReference> = []
  /// The running statistics that this step has renewed: a second node that names one goes on from
  /// there.
  var renewedStatistics: Set<Int> = []
  /// Where everything lies in one slab, which is taken with the first step; nil for blocks.
  private let placement: StepPlacement?
  private var slab: MemorySlab?
  /// The folder for values that wait in a file, and what moves them; nil until the first one does.
  let spillFile: () throws(FileFailure) -> SpillFile
  var spill: SpillTransfer?
  /// Where losses report, in the order of the network's; the first also stands in for scratch of no
  /// bytes.
  let reports: UnsafeMutablePointer<LossReport>
  private let reportCount: Int

  /// Creates an executor.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - engine: Runs the kernels; it has the number of threads that the step booked scratch for.
  ///   - ledger: Accounts for all memory; its owners are the network's nodes.
  ///   - placement: Where the step's memory lies in one slab; nil to take a block of the
  ///     allocator for everything.
  public convenience init(
    step: Step, engine: Engine, ledger: Ledger, placement: StepPlacement? = nil
  ) {
    self.init(
      step: step, engine: engine, ledger: ledger, placement: placement
    ) { () throws(FileFailure) in
      try SpillFile(in: SpillFile.standardFolder)
    }
  }

  /// Creates an executor with a file of one's own for spilled values.
  init(
    step: Step, engine: Engine, ledger: Ledger, placement: StepPlacement? = nil,
    spillFile: @escaping () throws(FileFailure) -> SpillFile
  ) {
    precondition(
      engine.threadCount == step.threadCount,
      "the step booked scratch for \(step.threadCount) threads, not \(engine.threadCount)")
    self.step = step
    schedule = step.firstSchedule
    self.engine = engine
    self.ledger = ledger
    self.placement = placement
    self.spillFile = spillFile
    reportCount = max(1, schedule.network.losses.count)
    unsafe reports = .allocate(capacity: reportCount)
    unsafe reports.initialize(repeating: LossReport(), count: reportCount)
  }

  deinit {
    spill?.stop()
    unsafe reports.deallocate()
  }

  /// Runs the step once.
  ///
  /// In training the gradients of all parameters are overwritten and new running statistics wait
  /// for `ParameterStore.commitStatistics()`. With several runs, memory for as many gradients again is
  /// taken and given back.
  ///
  /// - Parameters:
  ///   - store: The parameters.
  ///   - batch: The samples.
  ///   - seed: The seed of this step's random numbers: that of the first run, from which those of the
  ///     others follow.
  ///   - shouldStop: Asked before every action; true ends the run.
  /// - Returns: What the step did.
  /// - Throws: `StepError`; nothing is left in memory then.
  public func run(
    store: ParameterStore, batch: BatchMemory, seed: UInt64, shouldStop: () -> Bool = { false }
  ) throws(StepError) -> StepResult {
    try run(store: store, batch: batch, seed: seed, drawing: 0, shouldStop: shouldStop)
  }

  /// Runs the step once; steps of the same seed compute the same, and steps that draw other numbers
  /// represent values by other random numbers.
  package func run(
    store: ParameterStore, batch: BatchMemory, seed: UInt64, drawing draw: UInt64,
    shouldStop: () -> Bool
  ) throws(StepError) -> StepResult {
    precondition(batch.batchSize == step.batchSize, "the batch is not the step's")
    try batch.checkLabels(of: step.network)
    try checkInversions(store)
    try takeSlab()
    let apart = try gradientsApart(store)
    defer {
      spill?.end()
      buffers.removeAll(keepingCapacity: true)
      begunGradients = []
      renewedStatistics = []
    }
    var totals = step.network.losses.map { _ in LossReport() }
    var timeline: [CategoryBytes] = []
    var seconds: [Double] = []
    timeline.reserveCapacity(step.actions.count)
    seconds.reserveCapacity(step.actions.count)
    var savedByteCount = 0
    let clock = ContinuousClock()

    for (number, run) in step.runs.enumerated() {
      schedule = step.schedule(of: run)
      let backwardStart = schedule.backwardStart
      let passSeed = Self.seed(seed, run: number)
      let codecSeed = Self.seed(seed ^ draw << 32, run: number)
      let gradients = number == 0 ? nil : apart
      begunGradients = []
      unsafe reports.update(repeating: LossReport(), count: reportCount)
      for (index, action) in schedule.actions.enumerated() {
        if shouldStop() { throw .interrupted }
        if index == backwardStart {
          savedByteCount = max(savedByteCount, ledger.current[.activations])
          let loss = LossReport(runReports, of: schedule.network).loss
          guard loss.isFinite else { throw .nonFiniteLoss(loss) }
          spill?.readAhead()
        }
        let start = clock.now
        ledger.setPhase(action.name)
        timeline.append(
          try perform(
            action, index: index, run: run, gradients: gradients, store: store, batch: batch,
            seed: passSeed, codecSeed: codecSeed))
        if index == schedule.actions.count - 1 { gradients?.add(engine) }
        seconds.append((clock.now - start) / .seconds(1))
      }
      for (index, report) in runReports.enumerated() {
        totals[index].add(report, share: share(of: schedule.network.losses[index].node, in: run))
      }
    }
    return StepResult(
      report: LossReport(totals, of: step.network),
      losses: zip(step.network.losses, totals).map { loss, report in
        LossResult(
          name: step.network.nodes[loss.node].name, weight: loss.weight, report: report)
      }, timeline: timeline, actionSeconds: seconds, savedByteCount: savedByteCount)
  }

  /// What the losses reported of the run that is under way.
  private var runReports: [LossReport] {
    schedule.network.losses.indices.map { unsafe reports[$0] }
  }

  /// What a run counts for in a loss: a mean is one over the samples of the run alone.
  func share(of loss: NodeID, in run: Run) -> Float {
    switch schedule.network.nodes[loss].operation.lossReduction {
    case .mean: run.gradientShare
    case .sum: 1
    }
  }

  private static func seed(_ seed: UInt64, run: Int) -> UInt64 {
    run == 0 ? seed : RandomStream.word(seed, -run)
  }

  /// Does one action and returns what stood in memory while it ran.
  private func perform(
    _ action: Action, index: Int, run: Run, gradients: RunGradients?, store: ParameterStore,
    batch: BatchMemory, seed: UInt64, codecSeed: UInt64
  ) throws(StepError) -> CategoryBytes {
    let places = placement?.places[run.scheduleIndex]
    for (position, creation) in action.creates.enumerated() {
      buffers[creation.item] = try allocate(
        byteCount(of: creation.item), at: places?.creationOffsets[index][position],
        creation.category, owner: creation.owner)
      if case .staging = creation.item { try beginSpilling(through: creation.item) }
    }
    for item in action.releases {
      if case .staging = item { spill?.end() }
      buffers[item] = nil
    }
    var scratch: TensorBuffer?
    if action.scratchByteCount > 0, let node = action.node {
      scratch = try allocate(
        action.scratchByteCount, at: places?.scratchOffsets[index], .workspace, owner: node)
    }
    let during = ledger.current
    for handOver in action.handsOver { buffers[handOver.to] = buffers[handOver.from] }
    let site = unsafe Site(
      action: action, run: run, gradients: gradients,
      scratch: scratch?.raw ?? UnsafeMutableRawPointer(reports), store: store, batch: batch,
      seed: seed, codecSeed: codecSeed)
    switch action.deeds.first {
    case .forward(let node):
      unsafe forward(node, site, isRecomputation: false)
      unsafe handOut(action, site)
    case .recompute(let node): unsafe forward(node, site, isRecomputation: true)
    case .encode(let node, .spilled): try unsafe spill(node, value(node, site))
    case .decode(let node, .spilled): try unspill(node)
    case .encode(let node, let representation): unsafe encode(node, representation, site)
    case .decode(let node, let representation): decode(node, representation)
    case .backward: unsafe backward(site)
    case .invert(let node): unsafe invert(node, site)
    case .derive(_, let index): unsafe derive(index, site)
    case .propagate(_, let index): unsafe propagate(index, site)
    case .release, nil: break
    }
    for handOver in action.handsOver { buffers[handOver.from] = nil }
    return during
  }

  /// Memory for the gradients of all runs but the first, if there are such.
  private func gradientsApart(_ store: ParameterStore) throws(StepError) -> RunGradients? {
    guard step.addsGradients else { return nil }
    do throws(MemoryBudgetExceeded) {
      return try RunGradients(of: store, ledger: ledger)
    } catch {
      throw .budget(error)
    }
  }

  /// Takes the slab, if everything lies in one; it is kept for later steps.
  private func takeSlab() throws(StepError) {
    guard let placement, slab == nil else { return }
    do throws(MemoryBudgetExceeded) {
      slab = try ledger.allocateSlab(byteCount: placement.byteCount, category: .activations)
    } catch {
      throw .budget(error)
    }
  }

  private func allocate(
    _ byteCount: Int, at offset: Int?, _ category: MemoryCategory, owner: NodeID
  ) throws(StepError) -> TensorBuffer {
    let owner = MemoryOwner(index: owner)
    do throws(MemoryBudgetExceeded) {
      guard let slab, let offset else {
        return try TensorBuffer(ledger, byteCount: byteCount, category: category, owner: owner)
      }
      return try TensorBuffer(
        ledger, byteCount: byteCount, at: offset, in: slab, category: category, owner: owner)
    } catch {
      throw .budget(error)
    }
  }

  func byteCount(of item: Item) -> Int {
    schedule.network.byteCount(of: item, batchSize: schedule.batchSize)
  }
}
