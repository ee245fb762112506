import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import OracleSupport
import Testing

@testable import Training

/// Rules of optimisers, moving averages and learning rates against PyTorch in float64.
///
/// The other cases of the file are those of `NetworksTests`.
@Suite struct OptimizerOracleTests {
  private static let cases = Result { try OracleFile("operations").cases }

  private func cases(_ operations: Set<String>) throws -> [OracleCase] {
    let cases = try Self.cases.get().filter { operations.contains(try $0.fields.string("op")) }
    #expect(!cases.isEmpty)
    return cases
  }

  // MARK: Optimisers

  @Test(arguments: [1, 2, 4]) func rulesFollowPyTorch(threadCount: Int) throws {
    let engine = try Engine(threadCount: threadCount, instructionSet: .chosen())
    for oracle in try cases(["sgd", "adam", "adamw", "rmsprop", "rmsprop_tf"]) {
      try checkRule(oracle, engine)
    }
  }

  /// One parameter of as many elements as the case has.
  private func network(_ count: Int) throws -> Network {
    try Network("one", input: Shape(channels: count)) {
      Linear(1, bias: false)
      SoftmaxCrossEntropy()
    }
  }

  private func checkRule(_ oracle: OracleCase, _ engine: Engine) throws {
    let fields = oracle.fields
    let count = try fields.integer("n")
    let network = try network(count)
    let ledger = try Ledger(for: network)
    let store = try ParameterStore(network: network, ledger: ledger, seed: 0)
    let (settings, states) = try settings(oracle)
    let optimizer = try Optimizer(network: network, ledger: ledger, settings: settings)
    // What the case does not have is not kept either.
    #expect(settings.stateCount == states.count, "\(oracle)")

    let values = unsafe store.value(0)
    _ = unsafe values.update(fromContentsOf: try oracle.tensor("p0").values)
    let rates = try fields.doubles("lr")
    let stepCount = try fields.integer("steps")
    #expect(rates.count == stepCount, "\(oracle)")
    for step in 0..<stepCount {
      func row(_ name: String) throws -> OracleTensor {
        try oracle.tensor(name).row(step)
      }
      _ = unsafe store.gradient(0).update(fromContentsOf: try row("grads").values)
      optimizer.learningRate = Float(rates[step])
      optimizer.update(store, engine: engine, step: step + 1)
      let tolerance = try oracle.tolerance()
      let moved = unsafe OracleComparison(
        Array(values), try row("p"), tolerance: tolerance, name: "\(oracle)/p of step \(step)")
      #expect(moved.agrees, "\(moved)")
      for (number, name) in states.enumerated() {
        let kept = unsafe OracleComparison(
          Array(optimizer.state(number, of: 0)), try row(name), tolerance: tolerance,
          name: "\(oracle)/\(name) of step \(step)")
        #expect(kept.agrees, "\(kept)")
      }
    }
  }

  /// The settings of a case, and the tensors of what its rule keeps; every field of it is looked at.
  private func settings(
    _ oracle: OracleCase
  ) throws -> (settings: OptimizerSettings, states: [String]) {
    let fields = oracle.fields
    let operation = try fields.string("op")
    var expected: Set<String> = ["name", "op", "n", "steps", "lr", "weight_decay", "tol"]
    let rule: OptimizerSettings.Rule
    var states: [String]
    switch operation {
    case "sgd":
      expected.formUnion(["momentum", "dampening", "nesterov"])
      let momentum = try fields.float("momentum")
      rule = .sgd(
        MomentumRule(
          momentum: momentum, dampening: try fields.float("dampening"),
          nesterov: try fields.bool("nesterov")))
      states = momentum == 0 ? [] : ["buf"]
    case "adam", "adamw":
      expected.formUnion(["betas", "eps", "amsgrad"])
      let decays = try fields.doubles("betas")
      let amsgrad = try fields.bool("amsgrad")
      rule = .adam(
        AdamRule(
          firstDecay: decays[0], secondDecay: decays[1], epsilon: try fields.double("eps"),
          amsgrad: amsgrad, decouplesDecay: operation == "adamw"))
      states = ["m", "v"] + (amsgrad ? ["vmax"] : [])
    default:
      expected.formUnion(["alpha", "eps", "momentum"])
      let isTensorFlow = operation == "rmsprop_tf"
      expected.insert(isTensorFlow ? "s0" : "centered")
      let centered = isTensorFlow ? false : try fields.bool("centered")
      let momentum = try fields.float("momentum")
      rule = .rmsProp(
        RMSPropRule(
          isTensorFlow ? .tensorFlow(start: try fields.float("s0")) : .pyTorch,
          decay: try fields.double("alpha"), epsilon: try fields.float("eps"), momentum: momentum,
          centered: centered))
      states = ["s"] + (centered ? ["gavg"] : []) + (momentum == 0 ? [] : ["buf"])
    }
    #expect(fields.names == expected, "\(oracle)")
    let decay = WeightDecay(try fields.float("weight_decay"))
    return (OptimizerSettings(rule, learningRate: 0, weightDecay: decay), states)
  }

  // MARK: Moving averages

  @Test func averagesFollowTheirParameters() throws {
    let engine = try Engine(threadCount: 2, instructionSet: .chosen())
    for oracle in try cases(["ema"]) {
      #expect(oracle.fields.names == ["name", "op", "n", "steps", "decay", "warmup", "tol"])
      let network = try network(try oracle.fields.integer("n"))
      let ledger = try Ledger(for: network)
      let store = try ParameterStore(network: network, ledger: ledger, seed: 0)
      let averages = try ParameterAverages(
        WeightAverage(
          decay: try oracle.fields.double("decay"), warmsUp: try oracle.fields.bool("warmup")),
        of: network, ledger: ledger)
      _ = unsafe store.value(0).update(fromContentsOf: try oracle.tensor("ema0").values)
      averages.start(from: store)
      for step in 0..<(try oracle.fields.integer("steps")) {
        _ = unsafe store.value(0).update(
          fromContentsOf: try oracle.tensor("p").row(step).values)
        averages.update(from: store, engine: engine, step: step + 1)
        let comparison = unsafe OracleComparison(
          Array(try #require(averages.parameter(0))), try oracle.tensor("ema").row(step),
          tolerance: try oracle.tolerance(), name: "\(oracle)/ema of step \(step)")
        #expect(comparison.agrees, "\(comparison)")
      }
    }
  }

  // MARK: Learning rates

  @Test func ratesFollowTheirDefinitions() throws {
    for oracle in try cases(["schedule"]) {
      let fields = oracle.fields
      let schedule = try schedule(oracle)
      let base = try fields.double("base_lr")
      let count = try fields.integer("steps")
      // An epoch of one step: what is given in steps is given in epochs.
      let rates = (0..<count).map {
        Float(base * schedule.factor(step: $0, stepsPerEpoch: 1, epochCount: count))
      }
      let comparison = try oracle.compare(rates, with: "lr")
      #expect(comparison.agrees, "\(comparison)")
      #expect(try fields.doubles("values").map { Float($0) } == oracle.tensor("lr").values)
      // What is spelled is the same schedule.
      #expect(try LearningRateSchedule(parsing: "\(schedule)") == schedule, "\(schedule)")
    }
  }

  private func schedule(_ oracle: OracleCase) throws -> LearningRateSchedule {
    let fields = oracle.fields
    var expected: Set<String> = [
      "name", "op", "kind", "steps", "base_lr", "warmup_steps", "warmup", "warmup_start",
      "count_from", "values", "tol",
    ]
    let course: LearningRateSchedule.Course
    switch try fields.string("kind") {
    case "cosine":
      expected.insert("min_lr")
      course = .cosine(least: try fields.double("min_lr") / fields.double("base_lr"))
    case "step":
      expected.formUnion(["step_size", "gamma"])
      course = .steps(epochs: try fields.double("step_size"), factor: try fields.double("gamma"))
    case "multistep":
      expected.formUnion(["milestones", "gamma"])
      course = .milestones(
        try fields.integers("milestones"), factor: try fields.double("gamma"))
    case let kind: throw UnknownKind(name: kind)
    }
    #expect(fields.names == expected, "\(oracle)")
    let rise: LearningRateSchedule.Rise =
      switch try fields.string("warmup") {
      case "plus_one": .plusOne
      case "linear": .linear(start: try fields.double("warmup_start"))
      case let kind: throw UnknownKind(name: kind)
      }
    let origins: [String: LearningRateSchedule.Origin] = ["warmup_end": .warmUp, "zero": .start]
    let origin = try #require(origins[try fields.string("count_from")])
    // Without a warm-up there is neither a rise nor another origin to tell.
    let warmUp = try fields.integer("warmup_steps")
    return warmUp == 0
      ? LearningRateSchedule(course)
      : LearningRateSchedule(course, warmUpEpochs: warmUp, rise: rise, origin: origin)
  }

  private struct UnknownKind: Error { let name: String }
}

extension OracleTensor {
  /// One row of a matrix.
  fileprivate func row(_ index: Int) -> OracleTensor {
    OracleTensor(
      shape: [shape[1]], values: Array(values[index * shape[1]..<(index + 1) * shape[1]]))
  }
}
