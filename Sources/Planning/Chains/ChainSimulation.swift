/// An action that a chain cannot run: which one, and what is wrong.
package struct InvalidChainSchedule: Error, Hashable, Sendable, CustomStringConvertible {
  /// The index of the action; the number of actions if the schedule as a whole is wrong.
  package let actionIndex: Int
  /// What is wrong.
  package let reason: String

  /// One sentence.
  package var description: String { "chain action \(actionIndex): \(reason)" }
}

/// What running a chain's actions costs and takes, found by following them one by one.
///
/// The rules are those of RR-9302, section 3; the peak during an action counts everything that is
/// there, what the action makes and its temporary, before it frees anything.
package struct ChainSimulation: Sendable {
  /// The cost of all forward and backward passes.
  package private(set) var cost = 0.0
  /// What stands during each action.
  package private(set) var byteCounts: [Int] = []

  /// The highest of `byteCounts`.
  package var peakByteCount: Int { byteCounts.max() ?? 0 }

  private let chain: Chain
  /// Which values are there by themselves.
  private var hasValue: [Bool]
  /// For each stage, the number of the tape that is there.
  private var tapes: [Int?]
  /// The value whose gradient is there.
  private var gradient: Int?
  private var standing: Int

  /// Runs the actions.
  ///
  /// - Throws: `InvalidChainSchedule` at the first action that does not find what it reads or makes
  ///   what is there already, or at the end if gradients are missing or something is left over.
  package init(_ actions: [ChainAction], of chain: Chain) throws(InvalidChainSchedule) {
    self.chain = chain
    hasValue = [Bool](repeating: false, count: chain.count + 1)
    tapes = [Int?](repeating: nil, count: chain.count)
    hasValue[0] = true
    standing = chain.valueByteCount(0)
    byteCounts.reserveCapacity(actions.count)
    for action in actions {
      switch action {
      case .tape(let stage, let option): try tape(stage, option)
      case .checkpoint(let stage): try forward(stage, dropsInput: false)
      case .advance(let stage): try forward(stage, dropsInput: stage > 0)
      case .loss: try loss()
      case .backward(let stage): try backward(stage)
      }
    }
    try require(gradient == 0, "the gradient does not reach the first stage")
    try require(!hasValue.dropFirst().contains(true), "values are left over")
    try require(tapes.allSatisfy { $0 == nil }, "tapes are left over")
  }

  private func require(
    _ condition: Bool, _ reason: @autoclosure () -> String
  ) throws(InvalidChainSchedule) {
    guard condition else {
      throw InvalidChainSchedule(actionIndex: byteCounts.count, reason: reason())
    }
  }

  private func hasReadable(_ value: Int) -> Bool {
    hasValue[value] || (value > 0 && tapes[value - 1] != nil)
  }

  private mutating func requireReadable(_ value: Int) throws(InvalidChainSchedule) {
    try require(hasReadable(value), "value \(value) is not there")
  }

  private mutating func requireStage(_ stage: Int) throws(InvalidChainSchedule) {
    try require(chain.stages.indices.contains(stage), "there is no stage \(stage)")
    try requireReadable(stage)
  }

  private mutating func dropValue(_ value: Int) {
    guard hasValue[value] else { return }
    hasValue[value] = false
    standing -= chain.valueByteCount(value)
  }

  // MARK: Actions

  private mutating func tape(_ stage: Int, _ option: Int) throws(InvalidChainSchedule) {
    try requireStage(stage)
    let options = chain.stages[stage].tapes
    try require(options.indices.contains(option), "stage \(stage) has no tape \(option)")
    try require(tapes[stage] == nil, "the tape of stage \(stage) is there already")
    tapes[stage] = option
    standing += options[option].byteCount
    cost += chain.stages[stage].forwardCost
    byteCounts.append(standing + options[option].forwardTemporaryByteCount)
  }

  private mutating func forward(_ stage: Int, dropsInput: Bool) throws(InvalidChainSchedule) {
    try requireStage(stage)
    try require(!hasValue[stage + 1], "value \(stage + 1) is there already")
    hasValue[stage + 1] = true
    standing += chain.valueByteCount(stage + 1)
    cost += chain.stages[stage].forwardCost
    byteCounts.append(standing + chain.stages[stage].forwardTemporaryByteCount)
    if dropsInput { dropValue(stage) }
  }

  private mutating func loss() throws(InvalidChainSchedule) {
    try requireReadable(chain.count)
    try require(gradient == nil, "the loss has run already")
    gradient = chain.count
    standing += chain.valueByteCount(chain.count)
    cost += chain.loss.cost
    byteCounts.append(standing + chain.loss.temporaryByteCount)
    if chain.count > 0 { dropValue(chain.count) }
  }

  private mutating func backward(_ stage: Int) throws(InvalidChainSchedule) {
    try requireStage(stage)
    try require(gradient == stage + 1, "the gradient of value \(stage + 1) is not there")
    let option = tapes[stage]
    try require(option != nil, "the tape of stage \(stage) is not there")
    guard let option else { return }
    let tape = chain.stages[stage].tapes[option]
    gradient = stage
    standing += chain.valueByteCount(stage)
    cost += tape.backwardCost
    byteCounts.append(standing + tape.backwardTemporaryByteCount)
    tapes[stage] = nil
    standing -= tape.byteCount + chain.valueByteCount(stage + 1)
    dropValue(stage)
  }
}
