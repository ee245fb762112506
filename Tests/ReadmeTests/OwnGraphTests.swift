// This file is the example of Documentation/Networks.md, to the letter; `ReadmeTests` compares the two.
import Foundation
import Testing
import Tidemark

@Test func aGraphIsBuiltNodeByNode() throws {
  var graph = try GraphBuilder(name: "two-paths", input: Shape(28, 28, channels: 1))
  let stem = try graph.add(
    Convolution(3, channels: 16, padding: 1), inputs: [Network.input], name: "stem")
  let branch = try graph.group("branch") { graph throws(NetworkError) in
    let wide = try graph.add(Convolution(3, channels: 16, padding: 1), inputs: [stem], name: "conv")
    return try graph.add(ReLU(), inputs: [wide])
  }
  let joined = try graph.add(Concatenation(), inputs: [stem, branch])
  let pooled = try graph.add(GlobalAveragePooling(), inputs: [joined])
  let scores = try graph.add(Linear(10), inputs: [pooled], name: "head")
  try graph.add(SoftmaxCrossEntropy(), inputs: [scores])

  let trainer = try Trainer(
    graph.network(), strategy: .full, batchSize: 64, engine: .standard(),
    optimizer: .adamW(weightDecay: WeightDecay(0.01, of: [.weights])))
  trainer.batch.fill(0..<64, of: try FashionMNIST.load(trainingLimit: 64, testLimit: 1))
  _ = try trainer.step()

  let folder = FileManager.default.temporaryDirectory.path
  try trainer.store.write(to: "\(folder)/two-paths.safetensors")
  try trainer.store.writeGradients(to: "\(folder)/two-paths-gradients.safetensors")
  try trainer.store.read(from: "\(folder)/two-paths.safetensors")
}
