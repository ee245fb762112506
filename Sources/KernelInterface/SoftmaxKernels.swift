/// Kernels of softmax cross-entropy over rows of `classes` scores.
package protocol SoftmaxKernels {
  /// Writes the probabilities, which may be in the logits' memory, and returns the sum of losses.
  func softmaxCrossEntropy(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float
  ) -> Double

  /// Writes (p − q)·factor, where q is the smoothed label; in place is allowed.
  func softmaxCrossEntropyBackward(
    probabilities: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float,
    factor: Float)

  /// The number of rows whose first largest score is that of the label.
  func correctPredictions(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int
  ) -> Int
}
