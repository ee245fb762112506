import Kernels
import Networks
import OracleSupport
import Testing

/// What losses promise besides the reference numbers.
@Suite struct LossTests {
  private static let engines = OperationOracleTests.engines

  // MARK: Finite differences

  /// Losses of two values, and such as the reference numbers have for vectors only.
  private static let cases: [(name: String, loss: any NetworkOperation, inputCount: Int)] = [
    ("distillation", Distillation(temperature: 3, teacherWeight: 0.7, labelWeight: 0.4), 2),
    ("distillation without labels", Distillation(temperature: 2), 2),
    ("squares of two values", ValueLoss.squares(), 2),
    ("magnitudes of two values", ValueLoss.magnitudes(reduction: .sum), 2),
    ("Huber of two values", ValueLoss.huber(delta: 0.3), 2),
    ("smooth magnitudes of two values", ValueLoss.smoothMagnitudes(beta: 0.4), 2),
    ("binary cross-entropy of two values", ValueLoss.binaryCrossEntropy(), 2),
    (
      "binary cross-entropy of a map",
      ValueLoss.binaryCrossEntropy(positiveWeights: [0.5, 2, 1], reduction: .sum), 1
    ),
    ("plain cross-entropy", SoftmaxCrossEntropy(labelSmoothing: 0.1), 1),
    (
      "weighted cross-entropy",
      SoftmaxCrossEntropy(labelSmoothing: 0.2, classWeights: [1, 0.5, 3], ignoredLabel: 2), 1
    ),
    ("sum of cross-entropies", SoftmaxCrossEntropy(reduction: .sum), 1),
    ("Dice", SoftDice(), 1),
    ("binary Dice", BinaryDice(), 1),
  ]

  @Test func gradientsAreThoseOfFiniteDifferences() throws {
    let shape = Shape(2, 3, channels: 3)
    let count = 2 * shape.elementCount
    func values(_ seed: Int) -> [Float] {
      (0..<count).map { Float((($0 + seed) &* 37) % 101) / 50 - 1 }
    }
    for (name, loss, inputCount) in Self.cases {
      for engine in Self.engines {
        let inputs = (0..<inputCount).map { (shape, values(17 * $0)) }
        let harness = try OperationHarness(loss, inputs: inputs, batchSize: 2, engine: engine)
        harness.labels = (0..<12).map { Int32($0 * 5 % 3) }
        harness.targets = values(40).map { abs($0) / 2 }
        harness.lossWeight = 0.5
        harness.forward()
        let middle = harness.report.loss
        harness.backward(outputGradient: [0])
        let gradient = harness.inputGradients[0]
        harness.backward(outputGradient: [0], accumulate: true)
        #expect(
          zip(harness.inputGradients[0], gradient).allSatisfy { abs($0 - 1 - $1) <= 2e-7 },
          "\(name) adds to another gradient")
        if inputCount == 2 {
          #expect(harness.inputGradients[1].allSatisfy { $0 == 1 }, "\(name) moves its target")
        }
        let largest = gradient.reduce(0) { max($0, abs($1)) }
        #expect(largest > 0 && middle.isFinite, "\(name)")
        for index in stride(from: 0, to: count, by: 5) {
          let value = inputs[0].1[index]
          let step: Float = 1 / 256
          func loss(at value: Float) -> Float {
            harness.inputs[0][index] = value
            harness.forward()
            return harness.report.loss
          }
          let slope = (loss(at: value + step) - loss(at: value - step)) / (2 * step)
          harness.inputs[0][index] = value
          #expect(
            abs(0.5 * slope - gradient[index]) <= 2e-2 * largest + 1e-4,
            "\(name), element \(index): \(0.5 * slope) against \(gradient[index])")
        }
        #expect(!harness.overran, "\(name) wrote behind its memory")
      }
    }
  }

  // MARK: Labels that count differently

  @Test func ignoredLabelsAreLeftOut() throws {
    let scores: [Float] = [0, 2, 1, 5, 0, 0, 1, 1, 3, 0, 4, 0]
    func run(_ loss: SoftmaxCrossEntropy, _ scores: [Float], _ labels: [Int32]) throws
      -> OperationHarness
    {
      let harness = try OperationHarness(
        loss, inputs: [(Shape(channels: 3), scores)], batchSize: labels.count,
        engine: Self.engines[0])
      harness.labels = labels
      harness.forward()
      harness.backward(outputGradient: [0])
      return harness
    }
    let ignoring = try run(SoftmaxCrossEntropy(ignoredLabel: -1), scores, [1, -1, 2, -1])
    let rest = try run(SoftmaxCrossEntropy(), Array(scores[0..<3] + scores[6..<9]), [1, 2])
    #expect(abs(ignoring.report.loss - rest.report.loss) <= 1e-6)
    #expect(ignoring.report.correctPredictions == 2)
    let gradient = ignoring.inputGradients[0]
    #expect(gradient[3..<6] == [0, 0, 0] && gradient[9..<12] == [0, 0, 0])
    #expect(
      zip(gradient[0..<3] + gradient[6..<9], rest.inputGradients[0]).allSatisfy {
        abs($0 - $1) <= 1e-6
      })
    // A class that is ignored is not predicted right either.
    let ofClass = try run(SoftmaxCrossEntropy(ignoredLabel: 2), scores, [1, 0, 2, 2])
    #expect(ofClass.report.correctPredictions == 2)
  }

  @Test func aBatchWithoutLabelsThatCountHasNoLoss() throws {
    for reduction in [LossReduction.mean, .sum] {
      let harness = try OperationHarness(
        SoftmaxCrossEntropy(classWeights: [1, 2], ignoredLabel: 255, reduction: reduction),
        inputs: [(Shape(channels: 2), [1, 2, 3, 4])], batchSize: 2, engine: Self.engines[0])
      harness.labels = [255, 255]
      harness.forward()
      harness.backward(outputGradient: [0])
      #expect(harness.report.loss == 0)
      #expect(harness.report.correctPredictions == 0)
      #expect(harness.inputGradients[0] == [0, 0, 0, 0])
    }
  }

  // MARK: Refusals

  @Test func unusableLossesAreRefused() {
    func reason(_ operation: any NetworkOperation, _ shapes: Shape...) -> String {
      do {
        _ = try operation.outputShape(for: shapes)
        return ""
      } catch {
        return error.reason
      }
    }
    let three = Shape(channels: 3)
    #expect(reason(SoftmaxCrossEntropy(classWeights: [1, 1, 0]), three) == "")
    #expect(reason(SoftmaxCrossEntropy(classWeights: [1, 1]), three).contains("3 weights"))
    #expect(reason(SoftmaxCrossEntropy(classWeights: [1, 1, -1]), three).contains("0 or more"))
    #expect(reason(SoftmaxCrossEntropy(ignoredLabel: 1 << 40), three).contains("32 bits"))
    #expect(reason(ValueLoss.huber(delta: 0), three).contains("above 0"))
    #expect(reason(ValueLoss.smoothMagnitudes(beta: .nan), three).contains("above 0"))
    #expect(reason(ValueLoss.squares(), three, Shape(channels: 4)).contains("3 and 4"))
    #expect(reason(ValueLoss.squares(), three, three, three).contains("not 3"))
    #expect(
      reason(ValueLoss.binaryCrossEntropy(positiveWeights: [1]), three).contains("3 weights"))
    #expect(reason(Distillation(), three).contains("teacher"))
    #expect(reason(Distillation(temperature: 0), three, three).contains("temperature"))
    #expect(reason(Distillation(teacherWeight: -1), three, three).contains("weights"))
  }
}
