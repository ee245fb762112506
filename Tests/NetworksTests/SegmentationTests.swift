import Kernels
import Networks
import Testing

/// What the reference numbers do not cover of operations of segmentation.
@Suite struct SegmentationTests {
  private let engine = OperationOracleTests.engines[0]

  private func dice(_ scores: [Float], _ labels: [Int32]) throws -> LossReport {
    let harness = try OperationHarness(
      SoftDice(), inputs: [(Shape(2, 2, channels: 3), scores)], batchSize: scores.count / 12,
      engine: engine)
    harness.labels = labels
    harness.forward()
    return harness.report
  }

  @Test func theDiceScoreIsThatOfThePredictions() throws {
    // Two samples of four pixels: predictions 1 1 2 0 and 0 0 0 0.
    let scores: [Float] =
      [0, 9, 0, 0, 9, 0, 0, 0, 9, 9, 0, 0] + (0..<4).flatMap { _ in [9, 0, 0] }
    let report = try dice(scores, [1, 0, 2, 0, 0, 0, 0, 0])
    // Class 1: one hit, two predictions, one pixel: 2/3. Class 2: 1. In the second sample neither is
    // there nor predicted, and all is background as it should be: 1.
    let expected: Float = 11.0 / 6
    #expect(report.diceSum == expected)
    #expect(report.correctPredictions == 7)
    let wrong = try dice(scores, [2, 2, 1, 1, 1, 1, 2, 2])
    #expect(wrong.diceSum == 0)
    #expect(wrong.correctPredictions == 0)
  }

  /// A class that is neither there nor predicted would else raise the score of every network.
  @Test func absentClassesDoNotCount() throws {
    // Predictions 1 1 0 0, with class 1 at two other pixels and at one of these.
    let scores: [Float] = [0, 9, 0, 0, 9, 0, 9, 0, 0, 9, 0, 0]
    #expect(try dice(scores, [0, 1, 1, 0]).diceSum == 0.5)
    #expect(try dice(scores, [0, 0, 1, 1]).diceSum == 0)
    // Class 2 is there and not predicted: it counts.
    #expect(try dice(scores, [0, 1, 1, 2]).diceSum == 0.25)
  }

  @Test func aPerfectPredictionHasNoLoss() throws {
    let labels: [Int32] = [0, 1, 2, 1]
    var scores = [Float](repeating: 0, count: 12)
    for (pixel, label) in labels.enumerated() { scores[3 * pixel + Int(label)] = 60 }
    let report = try dice(scores, labels)
    #expect(abs(report.loss) < 1e-6)
    #expect(report.diceSum == 1)
  }

  @Test func unusableShapesAreRefused() {
    func reason(_ operation: any NetworkOperation, _ shapes: Shape...) -> String {
      do {
        _ = try operation.outputShape(for: shapes)
        return ""
      } catch {
        return error.reason
      }
    }
    let map = Shape(4, 6, channels: 2)
    #expect(reason(SoftDice(), map) == "")
    #expect(reason(SoftDice(smooth: 0), map).contains("smooth is 0.0"))
    #expect(reason(SoftDice(), Shape(4, channels: 1)).contains("at least two classes"))
    #expect(reason(Concatenation(), map).contains("two or more"))
    #expect(reason(Concatenation(), map, Shape(4, 5, channels: 2)).contains("4x6x2 and 4x5x2"))
    #expect(reason(Upsampling(0), map).contains("factor 0"))
    #expect(reason(Upsampling([2, 2, 2]), map).contains("3 numbers"))
    #expect(reason(Upsampling(2), Shape(channels: 2)).contains("spatial axes"))
  }

  @Test func aUNetTakesExtentsThatCanBeHalvedTwice() throws {
    for input in [Shape(8, channels: 1), Shape(8, 4, channels: 2), Shape(4, 8, 12, channels: 1)] {
      let network = try Model.unet3dSmall.network(input: input, classes: 3)
      #expect(network.labelCount == input.pixelCount)
      #expect(network.classCount == 3)
    }
    for input in [Shape(6, 8, channels: 1), Shape(channels: 4)] {
      let error = #expect(throws: NetworkError.self) {
        try Model.unet3dSmall.network(input: input, classes: 3)
      }
      #expect(error?.description.contains("multiples of 4") == true)
    }
  }
}
