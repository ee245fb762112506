import Execution
import Files
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing

@testable import Training

@Suite struct OptimizerSettingsTests {
  static let all: [OptimizerSettings] = [
    .sgd(), .sgd(momentum: 0), .sgd(momentum: 0.8, dampening: 0.5), .sgd(nesterov: true),
    .adam(), .adam(amsgrad: true), .adamW(), .rmsProp(),
    .rmsProp(RMSPropRule(.tensorFlow(start: 0), momentum: 0.9, centered: true)),
  ]

  // MARK: Spelling

  @Test(arguments: [
    "sgd", "sgd,momentum=0.0", "sgd,momentum=0.5,dampening=0.25", "sgd,nesterov", "adam",
    "adam,beta1=0.8,beta2=0.99,epsilon=0.001,amsgrad", "adamw", "adamw,amsgrad", "rmsprop",
    "rmsprop,decay=0.9,epsilon=0.001,momentum=0.9,centered", "rmsprop-tf",
    "rmsprop-tf,epsilon=0.001,momentum=0.9,start=0.0",
  ])
  func spellingsAreReadBack(text: String) throws {
    #expect(try "\(OptimizerSettings.Rule(parsing: text))" == text)
  }

  @Test(arguments: [
    ("sgdd", "did you mean 'sgd'?"), ("", "there are"), ("adam:3", "takes no ':3'"),
    ("adam,momentum=0.9", "takes no ',momentum'"), ("sgd,momentum=1", "'1'"),
    ("sgd,momentum", "''"), ("sgd,dampening=2", "'2'"), ("sgd,nesterov=yes", "takes no value"),
    ("sgd,momentum=0,nesterov", "nesterov needs"), ("sgd,dampening=0.1,nesterov", "nesterov needs"),
    ("adam,beta1=nan", "'nan'"), ("rmsprop,epsilon=0", "'0'"), ("rmsprop,start=1", "',start'"),
    ("sgd,momentum=0.5,momentum=0.6", "momentum twice"),
  ])
  func otherSpellingsAreExplained(text: String, part: String) {
    let error = #expect(throws: OptimizationSpellingError.self) {
      try OptimizerSettings.Rule(parsing: text)
    }
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    #expect(error?.category == .wrongUsage)
  }

  @Test func decaysAndAveragesAreReadBack() throws {
    for text in ["0.5", "0.5,only=weights"] {
      #expect(try "\(WeightDecay(parsing: text))" == text)
    }
    for text in ["0.5", "0.9999,warmup"] {
      #expect(try "\(WeightAverage(parsing: text))" == text)
    }
    for text in ["-1", "nan", "0.1,only=biases", "0.1,most", "0.1:2"] {
      #expect(throws: OptimizationSpellingError.self) { try WeightDecay(parsing: text) }
    }
    for text in ["0", "1", "nan", "0.9,warmup=2", "0.9,warm"] {
      #expect(throws: OptimizationSpellingError.self) { try WeightAverage(parsing: text) }
    }
  }

  // MARK: Memory

  /// Convolutions, biases, and batch normalisation with its running statistics.
  private func trainer(_ settings: OptimizerSettings, threadCount: Int = 2) throws -> Trainer {
    let data = ResumeTests.data
    let trainer = try Trainer(
      try Model.resnet8.network(input: data.sampleShape, classes: 10), strategy: .full,
      batchSize: 8, engine: Engine(threadCount: threadCount, instructionSet: .chosen()),
      optimizer: settings, seed: 3)
    trainer.batch.fill(0..<8, of: data)
    return trainer
  }

  @Test(arguments: all, [false, true])
  func whatIsKeptIsForecastToTheByte(settings: OptimizerSettings, isAveraged: Bool) throws {
    var settings = settings
    if isAveraged { settings.average = WeightAverage(decay: 0.5) }
    let trainer = try trainer(settings)
    let result = try trainer.step()
    #expect(result.timeline == trainer.forecast.timeline)
    let state = trainer.baseline.bytes[.optimizerState]
    let statistics = trainer.network.runningStatistics.reduce(0) { $0 + $1.description.byteCount }
    let parameters = trainer.network.parameterCount * MemoryLayout<Float>.stride
    #expect(
      state == settings.stateCount * parameters + (isAveraged ? parameters + statistics : 0))
  }

  @Test func frozenParametersHaveNeitherStateNorAverage() throws {
    let data = ResumeTests.data
    let network = try Model.resnet8.network(input: data.sampleShape, classes: 10)
      .training(only: ["fc"])
    var settings = OptimizerSettings.adamW(weightDecay: 0.5)
    settings.average = WeightAverage(decay: 0.5)
    let trainer = try Trainer(
      network, strategy: .full, batchSize: 8,
      engine: Engine(threadCount: 2, instructionSet: .chosen()), optimizer: settings, seed: 3)
    trainer.batch.fill(0..<8, of: data)
    let before = trainer.store.parameters.indices.map { unsafe Array(trainer.store.value($0)) }
    let result = try trainer.step()
    #expect(result.timeline == trainer.forecast.timeline)
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let moved = unsafe Array(trainer.store.value(index)) != before[index]
      #expect(moved == parameter.isTrained, "\(parameter.name)")
    }
    let bytes = trainer.store.runningStatistics.reduce(0) { $0 + $1.description.byteCount }
    #expect(
      trainer.baseline.bytes[.optimizerState]
        == 3 * network.trainedParameterCount * MemoryLayout<Float>.stride + bytes)
  }

  // MARK: Roles

  @Test func onlyWeightsDecayIfToldSo() throws {
    let trainer = try trainer(
      .sgd(learningRate: 1, momentum: 0, weightDecay: WeightDecay(0.5, of: [.weights])))
    let plain = try self.trainer(.sgd(learningRate: 1, momentum: 0))
    let before = trainer.store.parameters.indices.map { unsafe Array(trainer.store.value($0)) }
    _ = try trainer.step()
    _ = try plain.step()
    var decayed = Set<ParameterDescription.Role>()
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let values = unsafe Array(trainer.store.value(index))
      let others = unsafe Array(plain.store.value(index))
      if values != others { decayed.insert(parameter.description.role) }
      guard parameter.description.role == .weights else { continue }
      for element in values.indices {
        let expected = others[element] - 0.5 * before[index][element]
        #expect(abs(values[element] - expected) <= 1e-6 * (1 + abs(expected)))
      }
    }
    #expect(decayed == [.weights])
    let roles = Set(trainer.store.parameters.map(\.description.role))
    #expect(roles == [.weights, .bias, .scale, .shift])
    #expect(trainer.network.runningStatistics.allSatisfy { $0.description.role == .statistic })
  }

  // MARK: Averages

  @Test func averagesTakeThePlaceOfParametersAndGiveItBack() throws {
    var settings = OptimizerSettings.sgd(learningRate: 0.1)
    settings.average = WeightAverage(decay: 0.75)
    let trainer = try trainer(settings)
    let store = trainer.store
    func contents() -> [[Float]] {
      store.parameters.indices.map { unsafe Array(store.value($0)) }
        + store.runningStatistics.indices.map { unsafe Array(store.statistic($0)) }
    }
    let start = contents()
    // Before the first step there is nothing that could be averaged.
    trainer.withAverages { #expect(contents() == start) }
    _ = try trainer.step()
    let moved = contents()
    #expect(zip(moved, start).allSatisfy { $0 != $1 })
    trainer.withAverages {
      for (averages, (start, moved)) in zip(contents(), zip(start, moved)) {
        for element in averages.indices {
          #expect(averages[element] == 0.75 * start[element] + 0.25 * moved[element])
        }
      }
    }
    #expect(contents() == moved)
    struct Failed: Error {}
    #expect(throws: Failed.self) { try trainer.withAverages { throw Failed() } }
    #expect(contents() == moved)
  }

  /// Averages change what is tested and written, not what is trained.
  @Test func averagingLeavesTheTrainingAsItIs() throws {
    var settings = OptimizerSettings.sgd(learningRate: 0.05)
    let plain = try trainer(settings)
    settings.average = WeightAverage(decay: 0.9, warmsUp: true)
    let averaged = try trainer(settings, threadCount: 1)
    for _ in 0..<3 {
      let reports = try (plain.step().report.loss, averaged.step().report.loss)
      #expect(reports.0 == reports.1)
    }
    let evaluator = try Evaluator(engine: Engine(threadCount: 2, instructionSet: .chosen()))
    func score(_ trainer: Trainer) throws -> Evaluator.Score {
      try trainer.withAverages {
        try evaluator.evaluate(trainer.store, on: ResumeTests.data, batchSize: 8)
      }
    }
    #expect(try score(plain) != score(averaged))
  }
}
