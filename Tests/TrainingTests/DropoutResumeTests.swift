import Execution
import Kernels
import NativeEngine
import Networks
import Planning
import Schedules
import TestSupport
import Testing
import Training

/// A training with dropout that is interrupted and resumed ends with the bits of one that was not: masks
/// follow from the seed and the number of the step.
@Suite(.serialized) struct DropoutResumeTests {
  static let data = Dataset.synthetic(
    height: 8, width: 8, channels: 1, trainingCount: 32, testCount: 8, seed: 3)

  private func make(
    _ strategy: String, threadCount: Int, probability: Float = 0.5
  ) throws -> TrainingSession {
    let network = try Network("dropout", input: Self.data.sampleShape) {
      Convolution(3, channels: 8, padding: 1)
      // So many that a third of full storage's memory suffices.
      for _ in 0..<20 {
        Activation(.relu6)
        Dropout(probability)
        Convolution(3, channels: 8, padding: 1)
      }
      Residual {
        Convolution(3, channels: 8, padding: 1)
        Activation(.silu)
        Dropout(probability, over: .sample)
      }
      GlobalAveragePooling()
      Dropout(probability)
      Linear(10)
      SoftmaxCrossEntropy()
    }
    return try TrainingSession(
      network, data: Self.data,
      settings: TrainingSettings(
        strategy: try Strategy(parsing: strategy), batchSize: 8, epochCount: 3,
        optimizer: .sgd(learningRate: 0.05), seed: 5),
      engine: Engine(threadCount: threadCount, instructionSet: .chosen()))
  }

  private func result(_ session: TrainingSession) -> [[UInt64]] {
    let store = session.trainer.store
    return store.parameters.indices.map { unsafe store.value($0).map { UInt64($0.bitPattern) } }
      + session.metrics.map { [$0.training.loss.bitPattern, $0.test.loss.bitPattern] }
  }

  @Test(arguments: ["full", "sqrt", "revolve:2", "optimal:1/3"])
  func resumedIsUninterrupted(strategy: String) throws {
    let whole = try make("full", threadCount: 1)
    _ = try whole.run()
    let expected = result(whole)
    let other = try make("full", threadCount: 1, probability: 0)
    _ = try other.run()
    #expect(result(other) != expected)
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      var interruptCount = 0
      while true {
        // The number of threads changes with every run.
        let session = try make(strategy, threadCount: [1, 2, 4][interruptCount % 3])
        if interruptCount > 0 { try session.resume(from: path) }
        var asked = 0
        let outcome = try session.run(savingTo: path) {
          asked += 1
          return asked > 600
        }
        if case .finished = outcome {
          let isSame = result(session) == expected
          #expect(isSame)
          break
        }
        interruptCount += 1
        try #require(interruptCount < 40)
      }
      #expect(interruptCount > 1)
    }
  }
}
