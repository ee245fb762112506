import Networks

/// Which products of a plan's passes are read later, and which readings are the last.
///
/// Found by going through the passes once, from the last to the first, as compilers find live
/// variables. Recomputations whose products nobody reads do not run.
struct Liveness {
  /// What becomes of a product.
  enum Fate: UInt8 {
    /// Nobody reads it.
    case unread
    /// It is read before any other pass of the backward kind runs.
    case passing
    /// It is held for the backward pass: a backward pass reads it or lies in between.
    case held
  }

  /// What becomes of the products of passes: of a forward pass its own residuals, its value and that
  /// value in the representations in which it waits; of a recovery the recovered value.
  private(set) var fates: [Fate] = []
  /// For the things that passes read, whether nobody reads them later; of a thing that a pass reads
  /// twice, the first reading counts.
  private(set) var lastReadings: [Bool] = []
  /// For each pass, where its products begin in `fates`.
  private(set) var firstFate: [Int] = []
  /// For each pass, where what it reads begins in `lastReadings`; -1 for one that does not run.
  private(set) var firstReading: [Int] = []
  /// For each derived parameter, the last pass that reads it and the last that adds to its gradient.
  private(set) var lastUse: [Int]
  private(set) var lastGradientUse: [Int]
  /// The last value that comes back from a file, and the pass before which it does; -1 for none.
  private(set) var lastSpilled = -1
  private(set) var lastSpilledPass = -1

  private let facts: MemoryFacts
  /// For every item that a later pass reads, how many passes of the backward kind follow the last one
  /// that does; -1 for all others.
  private var behindLastRead: [Int32]
  private var runsLeft: [Int]
  /// How many passes of the backward kind follow.
  private var backwardCount: Int32 = 0

  init(_ facts: MemoryFacts) {
    self.facts = facts
    behindLastRead = Array(repeating: -1, count: facts.itemCount)
    runsLeft = Array(repeating: 0, count: facts.nodes.count)
    lastUse = Array(repeating: -1, count: facts.derivationScratch.count)
    lastGradientUse = lastUse
  }

  /// The next pass behind one that runs; the number of passes behind the last one.
  func nextRunning(behind index: Int) -> Int {
    var next = index + 1
    while next < firstReading.count, firstReading[next] < 0 { next += 1 }
    return next
  }

  /// Goes through passes.
  mutating func follow(_ passes: [Plan.Pass], _ readings: Readings) {
    reset(passes)
    for index in passes.indices.reversed() {
      switch passes[index] {
      case .forward(let node):
        runsLeft[node] -= 1
        let isFirst = runsLeft[node] == 0
        let isRead = takeProducts(of: node, index, isFirst: isFirst, readings)
        guard isRead || isFirst else { continue }
        read(facts.inputs, facts.nodes[node].inputs, index)
        useParameters(of: node, index, isBackward: false)
      case .backward(let node):
        let needs = readings.needs(of: node)
        read(readings.needs, needs, index)
        if lastSpilled < 0 { noteSpilled(needs, index, readings) }
        useParameters(of: node, index, isBackward: true)
        backwardCount += 1
      case .invert(let node):
        guard let input = facts.nodes[node].recoveredInput, behindLastRead[input] >= 0 else {
          continue
        }
        firstFate[index] = fates.count
        _ = take(input)
        read(facts.inversionReads, facts.nodes[node].inversionReads, index)
        useParameters(of: node, index, isBackward: false)
        backwardCount += 1
      }
    }
  }

  private mutating func reset(_ passes: [Plan.Pass]) {
    for index in behindLastRead.indices { behindLastRead[index] = -1 }
    for index in runsLeft.indices { runsLeft[index] = 0 }
    for index in lastUse.indices {
      lastUse[index] = -1
      lastGradientUse[index] = -1
    }
    lastSpilled = -1
    lastSpilledPass = -1
    backwardCount = 0
    fates.removeAll(keepingCapacity: true)
    lastReadings.removeAll(keepingCapacity: true)
    firstFate.removeAll(keepingCapacity: true)
    firstReading.removeAll(keepingCapacity: true)
    for pass in passes {
      if case .forward(let node) = pass { runsLeft[node] += 1 }
      firstFate.append(0)
      firstReading.append(-1)
    }
  }

  /// Notes what becomes of the products of a forward pass; whether any is read.
  private mutating func takeProducts(
    of node: NodeID, _ index: Int, isFirst: Bool, _ readings: Readings
  ) -> Bool {
    firstFate[index] = fates.count
    var isRead = false
    for residual in facts.nodes[node].residuals where take(facts.residuals[residual].item) {
      isRead = true
    }
    if take(node) { isRead = true }
    for item in readings.encodings(of: node) {
      // A value goes to its file when it is there for the first time: once reading back has begun
      // nothing is written any more.
      if !isFirst && readings.spills[item] {
        fates.append(.unread)
      } else if take(item) {
        isRead = true
      }
    }
    return isRead
  }

  /// Notes what becomes of a product; whether it is read.
  private mutating func take(_ item: Int) -> Bool {
    let behind = behindLastRead[item]
    guard behind >= 0 else {
      fates.append(.unread)
      return false
    }
    behindLastRead[item] = -1
    fates.append(backwardCount > behind ? .held : .passing)
    return true
  }

  /// Notes what a pass reads: items of a list.
  private mutating func read(_ items: [Int], _ range: Range<Int>, _ index: Int) {
    firstReading[index] = lastReadings.count
    for position in range {
      let item = items[position]
      lastReadings.append(behindLastRead[item] < 0 && item != Network.input)
      if behindLastRead[item] < 0 { behindLastRead[item] = backwardCount }
    }
    // The input is there all the time.
    behindLastRead[Network.input] = -1
  }

  private mutating func useParameters(of node: NodeID, _ index: Int, isBackward: Bool) {
    for position in facts.nodes[node].derivedParameters {
      let parameter = facts.derivedParameters[position]
      if lastUse[parameter] < 0 { lastUse[parameter] = index }
      if isBackward, facts.isDerivedTrained[parameter], lastGradientUse[parameter] < 0 {
        lastGradientUse[parameter] = index
      }
    }
  }

  /// Notes the last value that comes back from its file for a pass: what is there whole does not.
  private mutating func noteSpilled(_ needs: Range<Int>, _ index: Int, _ readings: Readings) {
    for position in needs {
      let item = readings.needs[position]
      guard readings.spills[item], behindLastRead[readings.decodes[item]] < 0 else { continue }
      lastSpilled = item
      lastSpilledPass = index
    }
  }
}
