import OracleSupport
import Planning
import Safetensors
import TestSupport

/// One row of `revolve.csv`.
struct UniformRow {
  let steps: Int
  let slots: Int
  let repetitions: Int
  let extraAdvances: Int
  let totalForwardSteps: Int
  let mixedTotal: Int

  static func all() throws -> [UniformRow] {
    let lines = try Oracles.text("revolve.csv").split(separator: "\n").dropFirst()
    return try lines.map { line in
      let numbers = line.split(separator: ",").compactMap { Int($0) }
      guard numbers.count == 6 else { throw FixtureError("the row '\(line)' has no six numbers") }
      return UniformRow(
        steps: numbers[0], slots: numbers[1], repetitions: numbers[2], extraAdvances: numbers[3],
        totalForwardSteps: numbers[4], mixedTotal: numbers[5])
    }
  }
}

struct FixtureError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// One chain of `rotor_cases.json`.
struct RotorCase {
  struct Budget {
    let bytes: Int
    let exact: Double
    let refined: Double
    let refinedPeak: Int
    let refinedActions: [ChainAction]
    let rotorCost: Double
    let rotorPeak: Int
    let rotorActions: [ChainAction]
  }

  let name: String
  let chain: Chain
  let fullCost: Double
  let fullPeak: Int
  let naiveCost: Double
  let naivePeak: Int
  let smallestBudget: Int
  let budgets: [Budget]

  static func all() throws -> [RotorCase] {
    guard let list = try JSONValue(parsing: try Oracles.text("rotor_cases.json").utf8).array else {
      throw FixtureError("rotor_cases.json holds no list")
    }
    return try list.map { value in
      guard let object = value.object else { throw FixtureError("a chain is no object") }
      return try RotorCase(
        OracleFields(owner: object["name"]?.string ?? "a chain", values: object))
    }
  }

  private init(_ fields: OracleFields) throws {
    name = try fields.string("name")
    chain = Chain(
      forwardCosts: try fields.integers("fw"), backwardCosts: try fields.integers("bw"),
      values: try fields.integers("x"), tapes: try fields.integers("xbar"),
      forwardTemporaries: try fields.integers("fwdTmp"),
      backwardTemporaries: try fields.integers("bwdTmp"))
    fullCost = try fields.double("storeAllMakespan")
    fullPeak = try fields.integer("storeAllPeak")
    naiveCost = try fields.double("recomputeAllMakespan")
    naivePeak = try fields.integer("recomputeAllPeak")
    smallestBudget = try fields.integer("minFeasibleM")
    budgets = try fields.objects("budgets").map { budget in
      Budget(
        bytes: try budget.integer("M"), exact: try budget.double("exact"),
        refined: try budget.double("refined"), refinedPeak: try budget.integer("refinedPeak"),
        refinedActions: try budget.strings("refinedOps").map(ChainAction.init(fixture:)),
        rotorCost: try budget.double("rotorImpl"), rotorPeak: try budget.integer("rotorImplPeak"),
        rotorActions: try budget.strings("rotorImplOps").map(ChainAction.init(fixture:)))
    }
  }
}

extension ChainAction {
  init(fixture text: String) throws {
    let parts = text.split(separator: "_")
    switch (parts.first, parts.dropFirst().first.flatMap { Int($0) }) {
    case ("L", nil): self = .loss
    case ("Fe", let stage?): self = .tape(stage, option: 0)
    case ("CF", let stage?): self = .checkpoint(stage)
    case ("Fn", let stage?): self = .advance(stage)
    case ("B", let stage?): self = .backward(stage)
    default: throw FixtureError("'\(text)' is no action")
    }
  }
}

extension Chain {
  /// A chain from the lists of the fixtures: `tapes[0]` is not used, the loss is the last of the
  /// longer lists.
  init(
    forwardCosts: [Int], backwardCosts: [Int], values: [Int], tapes: [Int],
    forwardTemporaries: [Int], backwardTemporaries: [Int]
  ) {
    let count = forwardCosts.count
    self.init(
      stages: (0..<count).map { index in
        Stage(
          inputByteCount: values[index], forwardCost: Double(forwardCosts[index]),
          forwardTemporaryByteCount: forwardTemporaries[index],
          tapes: [
            Tape(
              byteCount: tapes[index + 1], forwardTemporaryByteCount: forwardTemporaries[index],
              backwardTemporaryByteCount: backwardTemporaries[index],
              backwardCost: Double(backwardCosts[index]))
          ])
      },
      loss: Loss(
        inputByteCount: values[count], temporaryByteCount: backwardTemporaries[count],
        cost: Double(backwardCosts[count])))
  }

  /// Equal stages.
  static func uniform(
    _ count: Int, value: Int = 1, tape: Int, forwardCost: Int = 1, backwardCost: Int = 2
  ) -> Chain {
    Chain(
      forwardCosts: Array(repeating: forwardCost, count: count),
      backwardCosts: Array(repeating: backwardCost, count: count) + [0],
      values: Array(repeating: value, count: count + 1),
      tapes: Array(repeating: tape, count: count + 1),
      forwardTemporaries: Array(repeating: 0, count: count),
      backwardTemporaries: Array(repeating: 0, count: count + 1))
  }

  /// Random stages, whose tapes are at least as large as the values that they hold.
  static func random(_ count: Int, largest: Int = 4, seed: UInt64) -> Chain {
    var numbers = TestRandom(seed: seed)
    func list(_ count: Int, from least: Int) -> [Int] {
      (0..<count).map { _ in Int.random(in: least...largest, using: &numbers) }
    }
    let values = list(count + 1, from: 1)
    return Chain(
      forwardCosts: list(count, from: 1), backwardCosts: list(count, from: 1) + [0], values: values,
      tapes: zip(values, list(count + 1, from: 0)).map { $0 + $1 },
      forwardTemporaries: list(count, from: 0), backwardTemporaries: list(count + 1, from: 0))
  }

  /// The chain with all sizes multiplied.
  func scalingSizes(by factor: Int) -> Chain {
    Chain(
      stages: stages.map { stage in
        Stage(
          inputByteCount: factor * stage.inputByteCount, forwardCost: stage.forwardCost,
          forwardTemporaryByteCount: factor * stage.forwardTemporaryByteCount,
          tapes: stage.tapes.map { tape in
            Tape(
              byteCount: factor * tape.byteCount,
              forwardTemporaryByteCount: factor * tape.forwardTemporaryByteCount,
              backwardTemporaryByteCount: factor * tape.backwardTemporaryByteCount,
              backwardCost: tape.backwardCost)
          })
      },
      loss: Loss(
        inputByteCount: factor * loss.inputByteCount,
        temporaryByteCount: factor * loss.temporaryByteCount, cost: loss.cost))
  }

  /// The chain with all costs multiplied.
  func scalingCosts(by factor: Double) -> Chain {
    Chain(
      stages: stages.map { stage in
        var stage = stage
        stage.forwardCost *= factor
        for index in stage.tapes.indices { stage.tapes[index].backwardCost *= factor }
        return stage
      },
      loss: Loss(
        inputByteCount: loss.inputByteCount, temporaryByteCount: loss.temporaryByteCount,
        cost: factor * loss.cost))
  }
}
