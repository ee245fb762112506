import Glibc
import KernelInterface

extension NativeKernels: SoftmaxKernels {
  @inline(never)
  package func softmaxCrossEntropy(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float
  ) -> Double {
    let smoothing = Double(labelSmoothing)
    var total = 0.0
    for row in 0..<rows {
      let scores = unsafe logits + row &* classes
      let outputs = unsafe probabilities + row &* classes
      var largest = -Float.infinity
      for index in 0..<classes {
        largest = unsafe max(largest, scores[index])
      }
      let ofLabel = unsafe Double(scores[Int(labels[row])] - largest)
      // exp(z) is summed for the probabilities, z for the smoothed part of the loss.
      var sumOfScores = 0.0
      var sum = 0.0
      for index in 0..<classes {
        let score = unsafe scores[index] - largest
        sumOfScores += Double(score)
        let power = expf(score)
        sum += Double(power)
        unsafe outputs[index] = power
      }
      let factor = Float(1 / sum)
      for index in 0..<classes {
        unsafe outputs[index] *= factor
      }
      // With q = (1 − ε)·one-hot + ε/C, Σ q·(log Σ exp z − z) over the classes.
      var expected = (1 - smoothing) * ofLabel
      if smoothing != 0 { expected += smoothing / Double(classes) * sumOfScores }
      total += log(sum) - expected
    }
    return total
  }

  @inline(never)
  package func softmaxCrossEntropyBackward(
    probabilities: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float,
    factor: Float
  ) {
    let share = labelSmoothing / Float(classes)
    for row in 0..<rows {
      let label = unsafe Int(labels[row])
      let start = row &* classes
      for index in 0..<classes {
        let target = index == label ? (1 - labelSmoothing) + share : share
        unsafe gradient[start &+ index] = (probabilities[start &+ index] - target) * factor
      }
    }
  }

  @inline(never)
  package func correctPredictions(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int
  ) -> Int {
    var correct = 0
    for row in 0..<rows {
      let start = row &* classes
      var best = 0
      for index in 1..<classes {
        if unsafe scores[start &+ index] > scores[start &+ best] { best = index }
      }
      if unsafe Int(labels[row]) == best { correct += 1 }
    }
    return correct
  }
}
