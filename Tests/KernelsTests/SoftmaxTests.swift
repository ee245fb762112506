import Glibc
import Kernels
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  @Test(
    arguments: [(0, 3), (1, 1), (7, 10), (64, 10), (3, 1_000), (5_000, 3), (70_001, 2)],
    [0, 0.1] as [Float])
  func crossEntropy(shape: (rows: Int, classes: Int), smoothing: Float) throws {
    let (rows, classes) = shape
    var random = TestRandom(seed: 12)
    let logits = random.floats(rows * classes).map { 8 * $0 }
    let labels = (0..<rows).map { _ in Int32.random(in: 0..<Int32(classes), using: &random) }
    let results = try sameForEveryEngine("\(rows) × \(classes)") { engine, memory in
      let scores = memory.floats(logits)
      let targets = memory.labels(labels)
      let apart = memory.unwritten(logits.count)
      let gradient = memory.unwritten(logits.count)
      let correct = unsafe engine.correctPredictions(
        scores: scores.constant, labels: targets.constant, rows: rows, classes: classes)
      let loss = unsafe engine.softmaxCrossEntropy(
        logits: scores.constant, labels: targets.constant, probabilities: apart.pointer,
        rows: rows, classes: classes, labelSmoothing: smoothing)
      let again = unsafe engine.softmaxCrossEntropy(
        logits: scores.constant, labels: targets.constant, probabilities: scores.pointer,
        rows: rows, classes: classes, labelSmoothing: smoothing)
      let probabilities = scores.values
      unsafe engine.softmaxCrossEntropyBackward(
        probabilities: apart.constant, labels: targets.constant, gradient: gradient.pointer,
        rows: rows, classes: classes, labelSmoothing: smoothing)
      unsafe engine.softmaxCrossEntropyBackward(
        probabilities: scores.constant, labels: targets.constant, gradient: scores.pointer,
        rows: rows, classes: classes, labelSmoothing: smoothing)
      return [
        [loss], [again], apart.values, probabilities, gradient.values, scores.values,
        [Float(correct)],
      ]
    }
    let reference = Reference(logits, labels, classes: classes, smoothing: Double(smoothing))
    expectClose(results[0], [reference.loss], tolerance: 1e-6, "loss")
    expectSame(results[1], results[0])
    expectClose(results[2], reference.probabilities, tolerance: 1e-6, "probabilities")
    expectSame(results[3], results[2])
    expectClose(results[4], reference.gradient, tolerance: 1e-6, "gradient")
    expectSame(results[5], results[4])
    #expect(results[6] == [Float(reference.correct)])
  }

  @Test func lossesThatAreNotFiniteAreReturned() throws {
    let losses = try sameForEveryEngine("not finite") { engine, memory in
      [[0, .nan], [.infinity, 0], [-.infinity, 0], [-.infinity, -.infinity]].map { logits in
        let scores = memory.floats(logits)
        return unsafe engine.softmaxCrossEntropy(
          logits: scores.constant, labels: memory.labels([0]).constant,
          probabilities: scores.pointer, rows: 1, classes: 2, labelSmoothing: 0
        ).description
      }
    }
    #expect(losses.map { $0.replacing("-nan", with: "nan") } == ["nan", "nan", "inf", "nan"])
  }

  @Test func ofEqualScoresTheFirstCounts() throws {
    let correct = try sameForEveryEngine("ties") { engine, memory in
      unsafe engine.correctPredictions(
        scores: memory.floats([2, 2, 1, 2, 3, 3]).constant,
        labels: memory.labels([0, 1]).constant, rows: 2, classes: 3)
    }
    #expect(correct == 2)
  }
}

/// Softmax cross-entropy as the formulas have it, in double precision.
private struct Reference {
  var loss = 0.0
  var probabilities: [Double] = []
  var gradient: [Double] = []
  var correct = 0

  init(_ logits: [Float], _ labels: [Int32], classes: Int, smoothing: Double) {
    let rows = labels.count
    for row in 0..<rows {
      let scores = logits[row * classes..<(row + 1) * classes].map(Double.init)
      let powers = scores.map { exp($0) }
      let sum = powers.reduce(0, +)
      for (index, power) in powers.enumerated() {
        let target =
          (index == Int(labels[row]) ? 1 - smoothing : 0) + smoothing / Double(classes)
        loss -= target * log(power / sum) / Double(rows)
        probabilities.append(power / sum)
        gradient.append((power / sum - target) / Double(rows))
      }
      if let best = scores.max(), scores.firstIndex(of: best) == Int(labels[row]) { correct += 1 }
    }
  }
}
