import Networks

/// The rules of memory: which memory each action of a plan takes, hands over and gives back.
///
/// Memory is taken as late and given back as early as possible; outputs and gradients take over memory
/// where the operation allows it and nobody reads what was there. What is done in one pass over memory
/// (`Fusion`) is one action. Whoever follows makes a schedule of it, or counts bytes: what a planner
/// counts is what its schedule takes. The validator alone has rules of its own.
///
/// Linear in passes and what they read. It allocates nothing once it has gone through as many passes.
struct MemoryWalk<Follower: MemoryFollower> {
  /// A pass: its node, and its place among the passes.
  typealias Run = (node: NodeID, index: Int)

  /// What is told.
  var follower: Follower

  let facts: MemoryFacts
  private(set) var liveness: Liveness
  private let keepsDerivedParameters: Bool
  /// For every item, whether it is in memory.
  private var isLive: [Bool]
  /// For every node, whether it ran forward.
  private var hasRun: [Bool]
  /// The bytes of staging memory; 0 where there is none.
  private var stagingByteCount = 0

  init(_ facts: MemoryFacts, keepsDerivedParameters: Bool, follower: Follower) {
    self.facts = facts
    self.keepsDerivedParameters = keepsDerivedParameters
    self.follower = follower
    liveness = Liveness(facts)
    isLive = Array(repeating: false, count: facts.itemCount)
    hasRun = Array(repeating: false, count: facts.nodes.count)
  }

  /// Goes through passes, from nothing in memory but the input.
  mutating func follow(_ passes: [Plan.Pass], _ readings: Readings) {
    for index in isLive.indices { isLive[index] = false }
    for index in hasRun.indices { hasRun[index] = false }
    stagingByteCount = 0
    liveness.follow(passes, readings)
    var index = liveness.nextRunning(behind: -1)
    while index < passes.count {
      let next = liveness.nextRunning(behind: index)
      let following = next < passes.count ? passes[next] : nil
      var fused: NodeID?
      switch passes[index] {
      case .forward(let node):
        fused = rectifier(behind: (node, index), following, next, readings)
        forward((node, index), fused.map { ($0, next) }, readings)
      case .backward(let node):
        fused = nodeFusing(rectifier: node, following, readings)
        backward((node, index), fused.map { ($0, next) }, readings)
      case .invert(let node):
        invert((node, index), readings)
      }
      index = fused == nil ? next : liveness.nextRunning(behind: next)
    }
    // Where nothing that waits in a file comes back from it.
    giveBackStaging()
  }

  // MARK: What is done in one pass

  /// The rectifier that the next pass runs, if this pass can do its work and nobody else reads the
  /// value in between.
  private func rectifier(
    behind run: Run, _ following: Plan.Pass?, _ next: Int, _ readings: Readings
  ) -> NodeID? {
    guard let rectifier = facts.nodes[run.node].fusedRectifier, following == .forward(rectifier),
      hasRun[run.node] == hasRun[rectifier],
      liveness.lastReadings[liveness.firstReading[next]],
      !readings.encodings(of: run.node).contains(where: { wants($0, of: run, readings) })
    else { return nil }
    return rectifier
  }

  /// The node that the next pass runs backward, if it can do the work of this rectifier.
  ///
  /// Inlined like all that does not change the walk: a call would copy it.
  @inline(__always)
  private func nodeFusing(
    rectifier: NodeID, _ following: Plan.Pass?, _ readings: Readings
  ) -> NodeID? {
    guard let node = facts.nodes[rectifier].fusingNode, following == .backward(node),
      // The node tells the rectifier's side from its input, which must be what it was.
      !readings.needs(of: node).contains(where: { readings.rounds[readings.needs[$0]] })
    else { return nil }
    return node
  }

  /// What becomes of a forward pass's value in another representation.
  private func fate(_ item: Int, of run: Run, _ readings: Readings) -> Liveness.Fate {
    let first = liveness.firstFate[run.index] + facts.nodes[run.node].residuals.count + 1
    return liveness.fates[first + item - readings.encodings(of: run.node).lowerBound]
  }

  /// Whether a forward pass writes its value in another representation.
  private func wants(_ item: Int, of run: Run, _ readings: Readings) -> Bool {
    fate(item, of: run, readings) != .unread
  }

  /// The representation, if one is wanted, that is written in the pass that writes the value: the mask,
  /// or the one sketch that a pass can write; -1 for none.
  private func joining(mask: Bool, _ run: Run, inPassOf node: NodeID, _ readings: Readings) -> Int {
    guard mask ? facts.nodes[run.node].packsMask : facts.nodes[node].sketchesOutput else {
      return -1
    }
    return readings.encodings(of: run.node).first { item in
      let encoding = readings.encoding(item)
      return (mask ? encoding.isMask : encoding.isWrittenWithValues)
        && wants(item, of: run, readings)
    } ?? -1
  }

  // MARK: Memory

  private mutating func take(_ item: Int, for purpose: MemoryPurpose, _ readings: Readings) {
    isLive[item] = true
    follower.take(item, byteCount: readings.byteCounts[item], for: purpose)
  }

  private mutating func handOver(_ item: Int, to successor: Int, isHeld: Bool) {
    isLive[item] = false
    isLive[successor] = true
    follower.handOver(item, to: successor, isHeld: isHeld)
  }

  private mutating func giveBack(_ item: Int, _ readings: Readings) {
    guard isLive[item] else { return }
    isLive[item] = false
    follower.giveBack(item, byteCount: readings.byteCounts[item])
  }

  private mutating func giveBackStaging() {
    guard stagingByteCount > 0 else { return }
    follower.giveBack(facts.staging, byteCount: stagingByteCount)
    follower.endRelease()
    stagingByteCount = 0
  }
}

// MARK: - Forward

extension MemoryWalk {
  private mutating func forward(_ run: Run, _ rectifier: Run?, _ readings: Readings) {
    guard run.node != Network.input else { return }
    deriveParameters(run, rectifier, readings)
    var scratch = makeProducts(of: run, readings)
    if let rectifier { scratch = max(scratch, makeProducts(of: rectifier, readings)) }
    let last = rectifier ?? run
    let mask = joining(mask: true, last, inPassOf: run.node, readings)
    let sketch = joining(mask: false, last, inPassOf: run.node, readings)
    if mask >= 0 { write(mask, of: last, readings) }
    if sketch >= 0 {
      write(sketch, of: last, readings)
      scratch = Action.scratchByteCount(
        pass: scratch, sketch: readings.encoding(sketch).scratchWithValues)
    }
    follower.endAction(scratchByteCount: scratch)
    finishParameters(run, rectifier, readings)
    for item in readings.encodings(of: last.node)
    where item != mask && item != sketch && wants(item, of: last, readings) {
      write(item, of: last, readings)
      let encoding = readings.encoding(item)
      if encoding.stagingByteCount > 0, stagingByteCount == 0 {
        stagingByteCount = encoding.stagingByteCount
        // It holds what waits for the backward pass.
        follower.take(facts.staging, byteCount: stagingByteCount, for: .held)
      }
      follower.endAction(scratchByteCount: encoding.scratch)
    }
    giveBackRead(by: run, readings)
    if let rectifier { giveBackRead(by: rectifier, readings) }
    follower.endRelease()
  }

  /// Takes memory for what a forward pass makes; returns the scratch that it works in.
  private mutating func makeProducts(of run: Run, _ readings: Readings) -> Int {
    let fact = facts.nodes[run.node]
    follower.run(hasRun[run.node] ? .recompute(run.node) : .forward(run.node))
    hasRun[run.node] = true
    let firstFate = liveness.firstFate[run.index]
    let firstReading = liveness.firstReading[run.index] - fact.inputs.lowerBound
    /// Whether nobody reads an input any more.
    func isDead(_ position: Int) -> Bool {
      isLive[facts.inputs[position]]
        && liveness.lastReadings[firstReading + facts.firstReadings[position]]
    }
    for position in fact.residuals {
      let residual = facts.residuals[position]
      let fate = liveness.fates[firstFate + position - fact.residuals.lowerBound]
      guard fate != .unread || !residual.isOptional else { continue }
      if let input = residual.overwrites, isDead(input) {
        handOver(facts.inputs[input], to: residual.item, isHeld: fate == .held)
      } else {
        take(residual.item, for: fate.purpose, readings)
      }
    }
    if !fact.isLoss {
      let fate = liveness.fates[firstFate + fact.residuals.count]
      if let position = fact.overwritable.first(where: { isDead(facts.overwritable[$0]) }) {
        handOver(facts.inputs[facts.overwritable[position]], to: run.node, isHeld: fate == .held)
      } else {
        take(run.node, for: fate.purpose, readings)
      }
    }
    return fact.forwardScratch
  }

  private mutating func write(_ item: Int, of run: Run, _ readings: Readings) {
    follower.encode(run.node, readings.encoding(item))
    take(item, for: fate(item, of: run, readings).purpose, readings)
  }

  /// Gives back what a forward pass read or made for nobody.
  private mutating func giveBackRead(by run: Run, _ readings: Readings) {
    let fact = facts.nodes[run.node]
    let firstFate = liveness.firstFate[run.index]
    giveBack(facts.inputs, fact.inputs, readBy: run, readings)
    for position in fact.residuals
    where liveness.fates[firstFate + position - fact.residuals.lowerBound] == .unread {
      giveBack(facts.residuals[position].item, readings)
    }
    if liveness.fates[firstFate + fact.residuals.count] == .unread { giveBack(run.node, readings) }
  }
}

// MARK: - Backward

extension MemoryWalk {
  private mutating func backward(_ run: Run, _ fused: Run?, _ readings: Readings) {
    var decoded: [NodeID] = []
    decode(run, readings, &decoded)
    if let fused { decode(fused, readings, &decoded) }
    deriveParameters(run, fused, readings)
    makeGradients(of: run, readings)
    var scratch = readings.scratch[run.node]
    if let fused {
      makeGradients(of: fused, readings)
      scratch = max(scratch, readings.scratch[fused.node])
    }
    beginParameterGradients(run, fused, readings)
    follower.endAction(scratchByteCount: scratch)
    finishParameters(run, fused, readings)
    for value in decoded { giveBack(value, readings) }
    giveBack(facts.gradient(run.node), readings)
    if let fused { giveBack(facts.gradient(fused.node), readings) }
    giveBack(readings.needs, readings.needs(of: run.node), readBy: run, readings)
    if let fused {
      giveBack(readings.needs, readings.needs(of: fused.node), readBy: fused, readings)
    }
    follower.endRelease()
  }

  private mutating func invert(_ run: Run, _ readings: Readings) {
    let fact = facts.nodes[run.node]
    guard let input = fact.recoveredInput else { return }
    let fate = liveness.fates[liveness.firstFate[run.index]]
    deriveParameters(run, nil, readings)
    follower.run(.invert(run.node))
    if fact.recoversInPlace, isLive[run.node],
      liveness.lastReadings[liveness.firstReading[run.index]]
    {
      handOver(run.node, to: input, isHeld: fate == .held)
    } else {
      take(input, for: fate.purpose, readings)
    }
    follower.endAction(scratchByteCount: fact.forwardScratch)
    finishParameters(run, nil, readings)
    giveBack(facts.inversionReads, fact.inversionReads, readBy: run, readings)
    follower.endRelease()
  }

  /// Gives back what a pass was the last to read, of the items of a list.
  private mutating func giveBack(
    _ items: [Int], _ range: Range<Int>, readBy run: Run, _ readings: Readings
  ) {
    let first = liveness.firstReading[run.index] - range.lowerBound
    for position in range where liveness.lastReadings[first + position] {
      giveBack(items[position], readings)
    }
  }

  /// Rebuilds the values that wait encoded.
  private mutating func decode(_ run: Run, _ readings: Readings, _ decoded: inout [NodeID]) {
    for position in readings.needs(of: run.node) {
      let item = readings.needs[position]
      let value = readings.decodes[item]
      guard value >= 0, !isLive[value] else { continue }
      follower.decode(value, readings.encoding(item))
      take(value, for: .passing, readings)
      follower.endAction(scratchByteCount: 0)
      decoded.append(value)
      if run.index == liveness.lastSpilledPass, item == liveness.lastSpilled { giveBackStaging() }
    }
  }

  private mutating func makeGradients(of run: Run, _ readings: Readings) {
    follower.run(.backward(run.node))
    for position in facts.nodes[run.node].inputGradients {
      let gradient = facts.inputGradients[position]
      guard !isLive[gradient] else { continue }
      if let source = gradientSource(run, readings) {
        handOver(source, to: gradient, isHeld: false)
      } else {
        take(gradient, for: .passing, readings)
      }
    }
  }

  /// The item whose memory an input's gradient takes over, if any.
  @inline(__always)
  private func gradientSource(_ run: Run, _ readings: Readings) -> Int? {
    switch facts.nodes[run.node].gradientStorage {
    case .none: return nil
    case .outputGradient:
      let gradient = facts.gradient(run.node)
      return isLive[gradient] ? gradient : nil
    case .ownResidual(let residual):
      let item = facts.residuals[facts.nodes[run.node].residuals.lowerBound + residual].item
      let needs = readings.needs(of: run.node)
      let first = liveness.firstReading[run.index] - needs.lowerBound
      let isLast = needs.contains {
        readings.needs[$0] == item && liveness.lastReadings[first + $0]
      }
      return isLive[item] && isLast ? item : nil
    }
  }
}

// MARK: - Derived parameters

extension MemoryWalk {
  /// The derived parameters that an action reads, in order.
  private func derivedParameters(_ run: Run, _ fused: Run?) -> [Int] {
    let own = facts.derivedParameters[facts.nodes[run.node].derivedParameters]
    guard let fused else { return Array(own) }
    return Set(own + facts.derivedParameters[facts.nodes[fused.node].derivedParameters]).sorted()
  }

  /// Derives parameters before the action that reads them, unless they are there.
  private mutating func deriveParameters(_ run: Run, _ fused: Run?, _ readings: Readings) {
    // Few networks have any.
    guard !facts.derivedParameters.isEmpty else { return }
    for parameter in derivedParameters(run, fused) where !isLive[facts.derived(parameter)] {
      follower.run(.derive(parameter: parameter))
      take(facts.derived(parameter), for: .parameter, readings)
      follower.endAction(scratchByteCount: facts.derivationScratch[parameter])
    }
  }

  /// Takes memory for the gradients of derived parameters with the first backward pass that adds to them.
  private mutating func beginParameterGradients(
    _ run: Run, _ fused: Run?, _ readings: Readings
  ) {
    guard !facts.derivedParameters.isEmpty else { return }
    for parameter in derivedParameters(run, fused)
    where liveness.lastGradientUse[parameter] >= run.index
      && !isLive[facts.derivedGradient(parameter)]
    {
      take(facts.derivedGradient(parameter), for: .parameterGradient, readings)
    }
  }

  /// Gives derived parameters back behind the last action that reads them, or behind each; behind the
  /// last backward pass that adds to its gradient, that is propagated and given back.
  private mutating func finishParameters(_ run: Run, _ fused: Run?, _ readings: Readings) {
    guard !facts.derivedParameters.isEmpty else { return }
    let last = fused?.index ?? run.index
    for parameter in derivedParameters(run, fused) {
      if !keepsDerivedParameters || liveness.lastUse[parameter] <= last {
        giveBack(facts.derived(parameter), readings)
        follower.endRelease()
      }
      if (run.index...last).contains(liveness.lastGradientUse[parameter]) {
        follower.run(.propagate(parameter: parameter))
        follower.endAction(scratchByteCount: facts.derivationScratch[parameter])
        giveBack(facts.derivedGradient(parameter), readings)
        follower.endRelease()
      }
    }
  }
}

extension Liveness.Fate {
  fileprivate var purpose: MemoryPurpose { self == .held ? .held : .passing }
}
