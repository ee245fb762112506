// This file is the example of the README, to the letter; `ReadmeTests` compares the two.
import Testing
import Tidemark
import TidemarkTesting

@Test func aTrainingStepOfMyNetworkFits() throws {
  let network = try Network("mine", input: Shape(28, 28, channels: 1)) {
    Convolution(3, channels: 32, padding: 1)
    ReLU()
    MaxPooling(2)
    Residual {
      Convolution(3, channels: 32, padding: 1, bias: false)
      BatchNormalization()
    }
    ReLU()
    GlobalAveragePooling()
    Linear(10)
    SoftmaxCrossEntropy()
  }
  let images = try FashionMNIST.load(trainingLimit: 64, testLimit: 1)
  let trainer = try Trainer(
    network, strategy: Strategy(parsing: "checkpoint:2"), batchSize: 64, engine: .standard())
  trainer.batch.fill(0..<64, of: images)
  try expectPeakMemory(.activations, atMost: .mebibytes(4)) { _ = try trainer.step() }
}
