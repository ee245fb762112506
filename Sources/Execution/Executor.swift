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
  private var storages: [Item: Storage] = [:]
  /// The parameters whose gradients this run has begun: a second node that names one adds.
  private var begunGradients: Set<ParameterReference> = []
  /// The running statistics that this step has renewed: a second node that names one goes on from
  /// there.
  private var renewedStatistics: Set<Int> = []
  /// Where everything lies in one slab, which is taken with the first step; nil for blocks.
  private let placement: StepPlacement?
  private var slab: MemorySlab?
  /// The folder for values that wait in a file, and what moves them; nil until the first one does.
  let spillFile: () throws(FileFailure) -> SpillFile
  var spill: SpillTransfer?
  /// Where losses report, in the order of the network's; the first also stands in for scratch of no
  /// bytes.
  private let reports: UnsafeMutablePointer<LossReport>
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
    precondition(batch.batchSize == step.batchSize, "the batch is not the step's")
    try batch.checkLabels(of: step.network)
    try checkInversions(store)
    try takeSlab()
    let apart = try gradientsApart(store)
    defer {
      spill?.end()
      storages.removeAll(keepingCapacity: true)
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
      let seed = number == 0 ? seed : RandomStream.word(seed, -number)
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
            seed: seed))
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
  private func share(of loss: NodeID, in run: Run) -> Float {
    switch schedule.network.nodes[loss].operation.lossReduction {
    case .mean: run.gradientShare
    case .sum: 1
    }
  }

  /// Does one action and returns what stood in memory while it ran.
  private func perform(
    _ action: Action, index: Int, run: Run, gradients: RunGradients?, store: ParameterStore,
    batch: BatchMemory, seed: UInt64
  ) throws(StepError) -> CategoryBytes {
    let places = placement?.places[run.scheduleIndex]
    for (position, creation) in action.creates.enumerated() {
      storages[creation.item] = try allocate(
        byteCount(of: creation.item), at: places?.creationOffsets[index][position],
        creation.category, owner: creation.owner)
      if case .staging = creation.item { try beginSpilling(through: creation.item) }
    }
    for item in action.releases {
      if case .staging = item { spill?.end() }
      storages[item] = nil
    }
    var scratch: Storage?
    if action.scratchByteCount > 0, let node = action.node {
      scratch = try allocate(
        action.scratchByteCount, at: places?.scratchOffsets[index], .workspace, owner: node)
    }
    let during = ledger.current
    for handOver in action.handsOver { storages[handOver.to] = storages[handOver.from] }
    let site = unsafe Site(
      action: action, run: run, gradients: gradients,
      scratch: scratch?.raw ?? UnsafeMutableRawPointer(reports), store: store, batch: batch,
      seed: seed)
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
    for handOver in action.handsOver { storages[handOver.from] = nil }
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
  ) throws(StepError) -> Storage {
    let owner = MemoryOwner(index: owner)
    do throws(MemoryBudgetExceeded) {
      guard let slab, let offset else {
        return try Storage(ledger, byteCount: byteCount, category: category, owner: owner)
      }
      return try Storage(
        ledger, byteCount: byteCount, at: offset, in: slab, category: category, owner: owner)
    } catch {
      throw .budget(error)
    }
  }

  func byteCount(of item: Item) -> Int {
    schedule.network.byteCount(of: item, batchSize: schedule.batchSize)
  }
}

// MARK: - Passes

extension Executor {
  /// What an action works with besides the items.
  @unsafe struct Site {
    let action: Action
    /// The run that it belongs to.
    let run: Run
    /// Where the gradients of parameters go; nil for those of the store.
    let gradients: RunGradients?
    let scratch: UnsafeMutableRawPointer
    let store: ParameterStore
    let batch: BatchMemory
    let seed: UInt64
  }

  func storage(_ item: Item) -> Storage {
    guard let storage = storages[item] else {
      preconditionFailure("the schedule reads \(item), which is not in memory")
    }
    return storage
  }

  func value(_ node: NodeID, _ site: Site) -> UnsafePointer<Float> {
    if node == Network.input, let samples = unsafe site.batch.samples.baseAddress {
      let start = unsafe site.run.samples.lowerBound * site.batch.sampleElementCount
      return unsafe UnsafePointer(samples + start)
    }
    return unsafe UnsafePointer(storage(.value(node)).floats)
  }

  private func labels(_ site: Site) -> UnsafePointer<Int32>? {
    let start = unsafe site.run.samples.lowerBound * site.batch.sampleLabelCount
    return unsafe site.batch.labels.baseAddress.map { unsafe UnsafePointer($0 + start) }
  }

  private func targets(of node: NodeID, _ site: Site) -> UnsafePointer<Float>? {
    let count = schedule.network.targetCount(of: node)
    let start = unsafe site.run.samples.lowerBound * count
    return unsafe site.batch.targets(of: node).baseAddress.map {
      unsafe UnsafePointer($0 + start)
    }
  }

  /// Where a node reports, if it is a loss; the first place, where nobody looks, if it is none.
  private func report(of node: NodeID) -> UnsafeMutablePointer<LossReport> {
    let index = schedule.network.losses.firstIndex { $0.node == node } ?? 0
    return unsafe reports + index
  }

  /// Shows the outputs that an action computed.
  private func handOut(_ action: Action, _ site: Site) {
    guard let didComputeOutput else { return }
    for case .forward(let node) in action.deeds where schedule.network.outputs.contains(node) {
      let size = schedule.batchSize
      let shape = schedule.network.nodes[node].outputShape
      unsafe didComputeOutput(
        OutputValues(
          node: node, name: schedule.network.nodes[node].name, shape: shape,
          samples: site.run.samples,
          values: UnsafeBufferPointer(
            start: value(node, site), count: size * shape.elementCount)))
    }
  }

  private func forward(_ id: NodeID, _ site: Site, isRecomputation: Bool) {
    let node = schedule.network.nodes[id]
    let shapes = node.shapes(batchSize: schedule.batchSize)
    let updatesStatistics = schedule.mode == .training && !isRecomputation
    let fused = unsafe site.action.deeds.dropFirst()
    defer {
      if updatesStatistics {
        renewedStatistics.formUnion(schedule.network.parameterTable.statisticsOfNode[id])
      }
    }
    unsafe node.operation.forward(
      ForwardPass(
        engine: engine, shapes: shapes, mode: schedule.mode,
        inputs: node.inputs.map { unsafe value($0, site) },
        output: storages[.value(id)]?.floats,
        rectifierSlope: fused.first?.node.flatMap { rectifier in
          rectifier == id ? nil : schedule.network.nodes[rectifier].operation.rectifierSlope
        },
        signMask: signMask(writtenBy: fused), sketching: sketching(doneBy: fused, site),
        residuals: node.operation.ownResiduals(shapes).indices.map {
          unsafe storages[.residual(id, $0)]?.raw
        },
        parameters: parameters(of: id, site),
        runningStatistics: runningStatistics(of: id, site),
        newRunningStatistics: updatesStatistics ? site.store.newStatistics(of: id) : nil,
        labels: labels(site),
        targets: node.operation.isLoss ? targets(of: id, site) : nil, report: report(of: id),
        scratch: site.scratch))
  }

  /// The running statistics that a forward pass starts from.
  private func runningStatistics(of id: NodeID, _ site: Site) -> [UnsafePointer<Float>] {
    let statistics = schedule.network.parameterTable.statisticsOfNode[id]
    guard let first = statistics.first, renewedStatistics.contains(first) else {
      return unsafe site.store.statistics(of: id)
    }
    return unsafe site.store.newStatistics(of: id).map { unsafe UnsafePointer($0) }
  }

  /// Where the signs of an output go that a pass packs while it writes the output.
  private func signMask(
    writtenBy deeds: ArraySlice<Action.Deed>
  ) -> UnsafeMutablePointer<UInt8>? {
    for case .encode(let node, .signMask) in deeds {
      return unsafe storage(.encoded(node, .signMask)).raw.assumingMemoryBound(to: UInt8.self)
    }
    return nil
  }

  /// What makes the sketches of an output that a pass writes.
  private func sketching(
    doneBy deeds: ArraySlice<Action.Deed>, _ site: Site
  ) -> SampleSketching? {
    for case .encode(let node, .sketch(let description)) in deeds {
      let representation = Representation.sketch(description)
      let shape = schedule.network.nodes[node].outputShape
      let scratch = representation.scratchByteCountWithValues(
        of: shape, batchSize: schedule.batchSize, threadCount: engine.threadCount)
      return unsafe SampleSketching(
        engine, description.seeded(RandomStream.word(site.seed, node)),
        shape.sketchGeometry(batchSize: schedule.batchSize), output: value(node, site),
        into: storage(.encoded(node, representation)).raw,
        scratch: site.scratch + (site.action.scratchByteCount - scratch))
    }
    return nil
  }

  /// Runs the backward pass of an action's last node; one before it is a rectifier behind that node.
  private func backward(_ site: Site) {
    guard let id = unsafe site.action.deeds.last?.node else { return }
    let network = schedule.network
    let node = network.nodes[id]
    let written = unsafe Set(
      site.action.creates.map(\.item) + site.action.handsOver.map(\.to))
    var seen = Set<NodeID>()
    let destinations = unsafe node.inputs.enumerated().map { index, input -> GradientDestination? in
      guard network.demands[id].inputs.contains(index) else { return nil }
      let isFirst = seen.insert(input).inserted
      return unsafe GradientDestination(
        memory: storage(.gradient(input)).floats,
        accumulate: !(isFirst && written.contains(.gradient(input))))
    }
    let items = network.readItems(of: id, schedule.representations)
    let residuals = unsafe network.residualReads[id].indices.map { index in
      let item = items[index]
      let representation = schedule.representations[id][index]
      return unsafe ResidualView(
        source: network.residualReads[id][index].need.source,
        representation: representation.isDecoded ? .whole : representation,
        memory: memory(of: item, site),
        seed: RandomStream.word(site.seed, item.node),
        mask: representation.readsMask
          ? UnsafePointer(
            storage(.encoded(item.node, .signMask)).raw.assumingMemoryBound(to: UInt8.self)) : nil)
    }
    let references = network.parameterTable.parametersOfNode[id]
    let isShared = references.first.map { begunGradients.contains($0) } ?? false
    begunGradients.formUnion(references)
    let pass = unsafe BackwardPass(
      engine: engine, shapes: node.shapes(batchSize: schedule.batchSize),
      outputGradient: storages[.gradient(id)].map { unsafe UnsafePointer($0.floats) },
      rectifierSlope: unsafe site.action.node.flatMap { rectifier in
        rectifier == id ? nil : network.nodes[rectifier].operation.rectifierSlope
      },
      residuals: residuals, inputGradients: destinations,
      parameters: parameters(of: id, site), parameterGradients: parameterGradients(of: id, site),
      accumulatesParameterGradients: isShared, labels: labels(site),
      lossWeight: network.losses.first { $0.node == id }.map {
        unsafe $0.weight * share(of: $0.node, in: site.run)
      } ?? 1,
      scratch: site.scratch)
    unsafe willRunBackward?(id, pass)
    unsafe node.operation.backward(pass)
  }

  private func memory(of item: Item, _ site: Site) -> UnsafeRawPointer {
    if item == .value(Network.input) {
      return unsafe UnsafeRawPointer(value(Network.input, site))
    }
    return unsafe UnsafeRawPointer(storage(item).raw)
  }

  private func encode(_ id: NodeID, _ representation: Representation, _ site: Site) {
    let shape = schedule.network.nodes[id].outputShape
    unsafe representation.encode(
      value(id, site), shape: shape, batchSize: schedule.batchSize,
      into: storage(.encoded(id, representation)).raw, seed: RandomStream.word(site.seed, id),
      engine: engine, scratch: site.scratch)
  }

  private func decode(_ id: NodeID, _ representation: Representation) {
    unsafe representation.decode(
      UnsafeRawPointer(storage(.encoded(id, representation)).raw),
      shape: schedule.network.nodes[id].outputShape, batchSize: schedule.batchSize,
      into: storage(.value(id)).floats, engine: engine)
  }
}
