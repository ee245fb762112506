import Kernels
import Networks
import Schedules

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
    /// The seed of the passes.
    let seed: UInt64
    /// The seed of sketches and roundings.
    let codecSeed: UInt64
  }

  func buffer(_ item: Item) -> TensorBuffer {
    guard let buffer = buffers[item] else {
      preconditionFailure("the schedule reads \(item), which is not in memory")
    }
    return buffer
  }

  func value(_ node: NodeID, _ site: Site) -> UnsafePointer<Float> {
    if node == Network.input, let samples = unsafe site.batch.samples.baseAddress {
      let start = unsafe site.run.samples.lowerBound * site.batch.sampleElementCount
      return unsafe UnsafePointer(samples + start)
    }
    return unsafe UnsafePointer(buffer(.value(node)).floats)
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
  func handOut(_ action: Action, _ site: Site) {
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

  func forward(_ id: NodeID, _ site: Site, isRecomputation: Bool) {
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
        output: buffers[.value(id)]?.floats,
        rectifierSlope: fused.first?.node.flatMap { rectifier in
          rectifier == id ? nil : schedule.network.nodes[rectifier].operation.rectifierSlope
        },
        signMask: signMask(writtenBy: fused), sketching: sketching(doneBy: fused, site),
        residuals: node.operation.ownResiduals(shapes).indices.map {
          unsafe buffers[.residual(id, $0)]?.raw
        },
        parameters: parameters(of: id, site),
        runningStatistics: runningStatistics(of: id, site),
        newRunningStatistics: updatesStatistics ? site.store.newStatistics(of: id) : nil,
        labels: labels(site),
        targets: node.operation.isLoss ? targets(of: id, site) : nil, report: report(of: id),
        seed: RandomStream.word(site.seed, id),
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
      return unsafe buffer(.encoded(node, .signMask)).raw.assumingMemoryBound(to: UInt8.self)
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
        engine, description.seeded(RandomStream.word(site.codecSeed, node)),
        shape.sketchGeometry(batchSize: schedule.batchSize), output: value(node, site),
        into: buffer(.encoded(node, representation)).raw,
        scratch: site.scratch + (site.action.scratchByteCount - scratch))
    }
    return nil
  }

  /// Runs the backward pass of an action's last node; one before it is a rectifier behind that node.
  func backward(_ site: Site) {
    guard let id = unsafe site.action.deeds.last?.node else { return }
    let network = schedule.network
    let node = network.nodes[id]
    let written = unsafe Set(
      site.action.creates.map(\.item) + site.action.handsOver.map(\.to))
    var seen = Set<NodeID>()
    let destinations = node.inputs.enumerated().map { index, input -> GradientDestination? in
      guard network.demands[id].inputs.contains(index) else { return nil }
      let isFirst = seen.insert(input).inserted
      return unsafe GradientDestination(
        memory: buffer(.gradient(input)).floats,
        accumulate: !(isFirst && written.contains(.gradient(input))))
    }
    let items = network.readItems(of: id, schedule.representations)
    let residuals = network.residualReads[id].indices.map { index in
      let item = items[index]
      let representation = schedule.representations[id][index]
      return unsafe ResidualView(
        source: network.residualReads[id][index].need.source,
        representation: representation.isDecoded ? .whole : representation,
        memory: memory(of: item, site),
        seed: RandomStream.word(site.codecSeed, item.node),
        mask: representation.readsMask
          ? UnsafePointer(
            buffer(.encoded(item.node, .signMask)).raw.assumingMemoryBound(to: UInt8.self)) : nil)
    }
    let references = network.parameterTable.parametersOfNode[id]
    let isShared = references.first.map { begunGradients.contains($0) } ?? false
    begunGradients.formUnion(references)
    let pass = unsafe BackwardPass(
      engine: engine, shapes: node.shapes(batchSize: schedule.batchSize),
      outputGradient: buffers[.gradient(id)].map { unsafe UnsafePointer($0.floats) },
      rectifierSlope: unsafe site.action.node.flatMap { rectifier in
        rectifier == id ? nil : network.nodes[rectifier].operation.rectifierSlope
      },
      residuals: residuals, inputGradients: destinations,
      parameters: parameters(of: id, site), parameterGradients: parameterGradients(of: id, site),
      accumulatesParameterGradients: isShared, labels: labels(site),
      lossWeight: network.losses.first { $0.node == id }.map {
        unsafe $0.weight * share(of: $0.node, in: site.run)
      } ?? 1,
      seed: RandomStream.word(site.seed, id), scratch: site.scratch)
    willRunBackward?(id, pass)
    node.operation.backward(pass)
  }

  private func memory(of item: Item, _ site: Site) -> UnsafeRawPointer {
    if item == .value(Network.input) {
      return unsafe UnsafeRawPointer(value(Network.input, site))
    }
    return unsafe UnsafeRawPointer(buffer(item).raw)
  }

  func encode(_ id: NodeID, _ representation: Representation, _ site: Site) {
    let node = schedule.network.nodes[id]
    unsafe representation.encode(
      value(id, site), shape: node.outputShape, batchSize: schedule.batchSize,
      mask: node.operation.outputMask ?? .positive,
      into: buffer(.encoded(id, representation)).raw, seed: RandomStream.word(site.codecSeed, id),
      engine: engine, scratch: site.scratch)
  }

  func decode(_ id: NodeID, _ representation: Representation) {
    unsafe representation.decode(
      UnsafeRawPointer(buffer(.encoded(id, representation)).raw),
      shape: schedule.network.nodes[id].outputShape, batchSize: schedule.batchSize,
      into: buffer(.value(id)).floats, engine: engine)
  }
}
