import Networks
import Schedules

/// What a plan takes and costs, found without making its schedule.
///
/// It follows the rules of `Liveness` and `ScheduleAssembler` and gives the peak of the same
/// forecast, many times faster: planners try thousands of plans. What a planner returns is judged by
/// its schedule all the same.
struct PassSimulation {
  /// What was found.
  struct Outcome {
    /// The highest total of activations, transients and workspace.
    var peakByteCount = 0
    /// What stands over a limit, summed up over the actions.
    var excess = 0.0
    /// The forecast seconds of the step.
    var seconds = 0.0
  }

  private let facts: PassFacts
  /// Whether an item is read by a later pass, while passes are looked at from the last to the first.
  private var isRead: [Bool]
  private var isLive: [Bool]
  /// For each pass, bits of what it does; 0 for a recomputation that nobody needs.
  private var products: [UInt8] = []
  /// For each pass, where what is known of the things that it reads begins in `isLastRead`.
  private var firstRead: [Int] = []
  /// For all passes, the last one first, whether somebody reads each own residual that a forward pass
  /// leaves, and then, for each thing that the pass reads, whether nobody reads it later.
  private var isLastRead: [Bool] = []
  private var runs: [Int]
  private var standing = 0
  private var limit = Int.max
  /// The staging memory that stands, and the pass that reads the last value from a file.
  private var staging = 0
  private var lastSpilledRead = -1
  private var outcome = Outcome()

  /// Bits of `products`: that the pass runs at all, that its value is read; its two encodings follow.
  private static let runs: UInt8 = 1
  private static let value: UInt8 = 2
  private static let firstEncoding: UInt8 = 4

  init(_ facts: PassFacts) {
    self.facts = facts
    isRead = Array(repeating: false, count: facts.itemCount)
    isLive = Array(repeating: false, count: facts.itemCount)
    runs = Array(repeating: 0, count: facts.network.nodes.count)
  }

  /// Follows a plan's passes.
  ///
  /// - Parameters:
  ///   - passes: The passes.
  ///   - readings: How backward passes find what they need.
  ///   - limit: The bytes over which `excess` is counted.
  /// - Returns: What they take and cost.
  mutating func outcome(
    of passes: [Plan.Pass], _ readings: Readings, limit: Int = .max
  ) -> Outcome {
    self.limit = limit
    outcome = Outcome()
    standing = 0
    staging = 0
    lastSpilledRead = -1
    // It leaves `runs` at 0.
    lookAhead(passes, readings)
    var index = 0
    while index < passes.count {
      let next = nextIndex(behind: index)
      let following = next < passes.count ? passes[next] : nil
      switch passes[index] {
      case .forward(let node):
        let rectifier = fusedRectifier(behind: node, index, following, next)
        forward(node, index, rectifier.map { ($0, next) }, readings)
        index = rectifier == nil ? next : nextIndex(behind: next)
      case .backward(let node):
        let fused = facts.nodes[node].fusingNode.flatMap { fusing in
          following == .backward(fusing)
            && !readings.needs[fusing].contains(where: { readings.rounds[$0] }) ? fusing : nil
        }
        backward(node, index, fused.map { ($0, next) }, readings)
        index = fused == nil ? next : nextIndex(behind: next)
      case .invert(let node):
        invert(node, index)
        index = next
      }
    }
    return outcome
  }

  /// The next pass that runs.
  private func nextIndex(behind index: Int) -> Int {
    var next = index + 1
    while next < products.count, products[next] == 0 { next += 1 }
    return next
  }

  /// The rectifier of the following pass, if this pass does its work.
  private func fusedRectifier(
    behind node: NodeID, _ index: Int, _ following: Plan.Pass?, _ next: Int
  ) -> NodeID? {
    guard let rectifier = facts.nodes[node].fusedRectifier, following == .forward(rectifier),
      (runs[node] == 0) == (runs[rectifier] == 0),
      products[index] < Self.firstEncoding, isLastRead[firstRead[next]]
    else { return nil }
    return rectifier
  }

  // MARK: Who reads what last

  private mutating func lookAhead(_ passes: [Plan.Pass], _ readings: Readings) {
    for index in isRead.indices {
      isRead[index] = false
      isLive[index] = false
    }
    for index in runs.indices { runs[index] = 0 }
    for case .forward(let node) in passes { runs[node] += 1 }
    isLastRead.removeAll(keepingCapacity: true)
    products.removeAll(keepingCapacity: true)
    firstRead.removeAll(keepingCapacity: true)
    for _ in passes {
      products.append(0)
      firstRead.append(0)
    }
    for index in passes.indices.reversed() {
      switch passes[index] {
      case .forward(let node):
        runs[node] -= 1
        guard takeProducts(node, index, readings) || runs[node] == 0 else { continue }
        read(facts.nodes[node].inputs, index)
      case .backward(let node):
        if lastSpilledRead < 0, readings.needs[node].contains(where: { readings.spills[$0] }) {
          lastSpilledRead = index
        }
        read(readings.needs[node], index)
      case .invert(let node):
        guard let input = facts.nodes[node].recoveredInput, isRead[input] else { continue }
        isRead[input] = false
        read(facts.nodes[node].inversionReads, index)
      }
    }
  }

  /// Notes which products of a forward pass are read later; whether any is.
  private mutating func takeProducts(_ node: NodeID, _ index: Int, _ readings: Readings) -> Bool {
    var wanted: UInt8 = 0
    var wantsResidual = false
    for residual in facts.nodes[node].residuals {
      let isWanted = isRead[residual.item]
      isRead[residual.item] = false
      isLastRead.append(isWanted)
      wantsResidual = wantsResidual || isWanted
    }
    if isRead[node] {
      isRead[node] = false
      wanted = Self.value
    }
    for (position, encoding) in readings.encodings[node].enumerated() where isRead[encoding.item] {
      // A value goes to its file when it is there for the first time.
      guard runs[node] == 0 || !readings.spills[encoding.item] else { continue }
      isRead[encoding.item] = false
      wanted |= Self.firstEncoding << UInt8(position)
    }
    products[index] = wanted
    return wantsResidual || wanted != 0
  }

  /// Notes that a pass runs and which of the things that it reads nobody reads later; of a thing that
  /// it reads twice, the first reading counts.
  private mutating func read(_ items: [Int], _ index: Int) {
    products[index] |= Self.runs
    firstRead[index] = isLastRead.count
    for item in items {
      isLastRead.append(!isRead[item] && item != Network.input)
      isRead[item] = true
    }
    // The input is there all the time.
    isRead[Network.input] = false
  }

  // MARK: Memory

  private mutating func note(_ scratch: Int) {
    let during = standing + scratch
    outcome.peakByteCount = max(outcome.peakByteCount, during)
    if during > limit { outcome.excess += Double(during - limit) }
  }

  private mutating func create(_ item: Int, byteCount: Int) {
    isLive[item] = true
    standing += byteCount
  }

  private mutating func release(_ item: Int, byteCount: Int) {
    guard isLive[item] else { return }
    isLive[item] = false
    standing -= byteCount
  }

  private mutating func forward(
    _ node: NodeID, _ index: Int, _ rectifier: (node: NodeID, index: Int)?, _ readings: Readings
  ) {
    guard node != Network.input else {
      runs[node] += 1
      return
    }
    var seconds = makeProducts(of: node, index)
    var sketchSeconds = 0.0
    var scratch = facts.nodes[node].forwardScratch
    if let rectifier {
      seconds = max(seconds, makeProducts(of: rectifier.node, rectifier.index))
      scratch = max(scratch, facts.nodes[rectifier.node].forwardScratch)
    }
    let last = rectifier ?? (node, index)
    let wanted = products[last.index]
    func isFused(_ encoding: Readings.Encoding) -> Bool {
      encoding.isMask
        ? facts.nodes[last.node].writesMask
        : facts.nodes[node].sketchesOutput && encoding.isWrittenWithValues
    }
    for (position, encoding) in readings.encodings[last.node].enumerated()
    where isFused(encoding) && isWanted(position, wanted) {
      create(encoding.item, byteCount: encoding.byteCount)
      if encoding.isMask {
        seconds = max(seconds, encoding.seconds)
      } else {
        sketchSeconds = encoding.seconds
        scratch = Action.scratchByteCount(pass: scratch, sketch: encoding.scratchWithValues)
      }
    }
    note(scratch)
    outcome.seconds += seconds + sketchSeconds
    for (position, encoding) in readings.encodings[last.node].enumerated()
    where !isFused(encoding) && isWanted(position, wanted) {
      create(encoding.item, byteCount: encoding.byteCount)
      if encoding.stagingByteCount > staging {
        standing += encoding.stagingByteCount - staging
        staging = encoding.stagingByteCount
      }
      outcome.seconds += encoding.seconds
      note(encoding.scratch)
    }
    releaseRead(by: node, index)
    if let rectifier { releaseRead(by: rectifier.node, rectifier.index) }
  }

  private func isWanted(_ encoding: Int, _ products: UInt8) -> Bool {
    products & Self.firstEncoding << UInt8(encoding) != 0
  }

  /// Takes memory for what a node makes; returns the seconds that it takes.
  private mutating func makeProducts(of node: NodeID, _ index: Int) -> Double {
    runs[node] += 1
    let fact = facts.nodes[node]
    let first = firstRead[index]
    func isDead(_ position: Int) -> Bool {
      isLive[fact.inputs[position]] && isLastRead[first + fact.firstReadings[position]]
    }
    for (position, residual) in fact.residuals.enumerated() {
      let isWanted = isLastRead[first - fact.residuals.count + position]
      guard isWanted || !residual.isOptional else { continue }
      if let input = residual.overwrites, isDead(input) {
        isLive[fact.inputs[input]] = false
        isLive[residual.item] = true
      } else {
        create(residual.item, byteCount: facts.byteCounts[residual.item])
      }
    }
    if !fact.isLoss {
      if let position = fact.overwritable.first(where: { isDead($0) }) {
        isLive[fact.inputs[position]] = false
        isLive[node] = true
      } else {
        create(node, byteCount: facts.byteCounts[node])
      }
    }
    return facts.costs.forward[node]
  }

  /// Gives back what a forward pass read or made for nobody.
  private mutating func releaseRead(by node: NodeID, _ index: Int) {
    let fact = facts.nodes[node]
    let first = firstRead[index]
    for (position, input) in fact.inputs.enumerated() where isLastRead[first + position] {
      release(input, byteCount: facts.byteCounts[input])
    }
    for (position, residual) in fact.residuals.enumerated()
    where !isLastRead[first - fact.residuals.count + position] {
      release(residual.item, byteCount: facts.byteCounts[residual.item])
    }
    if products[index] & Self.value == 0 { release(node, byteCount: facts.byteCounts[node]) }
  }

  private mutating func backward(
    _ node: NodeID, _ index: Int, _ fused: (node: NodeID, index: Int)?, _ readings: Readings
  ) {
    var decoded: [NodeID] = []
    decode(node, readings, &decoded)
    if let fused { decode(fused.node, readings, &decoded) }
    if index == lastSpilledRead || fused?.index == lastSpilledRead {
      standing -= staging
      staging = 0
    }
    makeGradients(of: node, index, readings)
    var scratch = readings.scratch[node]
    var seconds = facts.costs.backward[node]
    if let fused {
      makeGradients(of: fused.node, fused.index, readings)
      scratch = max(scratch, readings.scratch[fused.node])
      seconds = max(seconds, facts.costs.backward[fused.node])
    }
    note(scratch)
    outcome.seconds += seconds
    for value in decoded { release(value, byteCount: facts.byteCounts[value]) }
    releaseNeeds(of: node, index, readings)
    if let fused { releaseNeeds(of: fused.node, fused.index, readings) }
  }

  private mutating func invert(_ node: NodeID, _ index: Int) {
    let fact = facts.nodes[node]
    guard let input = fact.recoveredInput else { return }
    let first = firstRead[index]
    if isLastRead[first], isLive[node], fact.recoversInPlace {
      isLive[node] = false
      isLive[input] = true
    } else {
      create(input, byteCount: facts.byteCounts[input])
    }
    note(fact.forwardScratch)
    outcome.seconds += facts.costs.forward[node]
    for (position, item) in fact.inversionReads.enumerated() where isLastRead[first + position] {
      release(item, byteCount: facts.byteCounts[item])
    }
  }

  /// Rebuilds the values that wait encoded.
  private mutating func decode(_ node: NodeID, _ readings: Readings, _ decoded: inout [NodeID]) {
    for item in readings.needs[node] {
      let value = readings.decodes[item]
      guard value >= 0, !isLive[value] else { continue }
      create(value, byteCount: facts.byteCounts[value])
      outcome.seconds += readings.encodings[value].first { $0.item == item }?.seconds ?? 0
      note(0)
      decoded.append(value)
    }
  }

  private mutating func makeGradients(of node: NodeID, _ index: Int, _ readings: Readings) {
    let fact = facts.nodes[node]
    for input in fact.gradientInputs where !isLive[facts.gradient(input)] {
      let gradient = facts.gradient(input)
      switch source(of: fact.gradientStorage, node, index, readings.needs[node]) {
      case nil: create(gradient, byteCount: facts.byteCounts[gradient])
      case let source?:
        isLive[source] = false
        isLive[gradient] = true
      }
    }
  }

  private mutating func releaseNeeds(of node: NodeID, _ index: Int, _ readings: Readings) {
    let gradient = facts.gradient(node)
    release(gradient, byteCount: facts.byteCounts[gradient])
    let first = firstRead[index]
    for (position, item) in readings.needs[node].enumerated() where isLastRead[first + position] {
      release(item, byteCount: readings.byteCounts[item])
    }
  }

  /// The memory that a gradient takes over, if any.
  private func source(
    of storage: GradientStorage, _ node: NodeID, _ index: Int, _ needs: [Int]
  ) -> Int? {
    switch storage {
    case .none: return nil
    case .outputGradient:
      let gradient = facts.gradient(node)
      return isLive[gradient] ? gradient : nil
    case .ownResidual(let residual):
      let item = facts.nodes[node].residuals[residual].item
      let isLast = needs.indices.contains {
        needs[$0] == item && isLastRead[firstRead[index] + $0]
      }
      return isLive[item] && isLast ? item : nil
    }
  }
}
