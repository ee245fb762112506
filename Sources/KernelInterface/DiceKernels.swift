/// Kernels of the soft Dice loss over pixels of `classes` scores, each call over some pixels of one
/// sample.
package protocol DiceKernels {
  /// Writes the probabilities, which may be in the scores' memory, and five sums for each class.
  func softmaxOverlap(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, pixels: Int, classes: Int,
    sums: UnsafeMutablePointer<DiceSums>)

  /// Writes the gradient of the scores from that of a class's probability: at a pixel, `slope` for
  /// the pixels of the class, and `offset` for all; in place is allowed.
  func softmaxOverlapBackward(
    probabilities: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, pixels: Int, classes: Int,
    slopes: UnsafePointer<Float>, offsets: UnsafePointer<Float>)
}

/// What the Dice score of one class is made of: sums over pixels.
package struct DiceSums: Sendable {
  /// The sum of the class's probability over its own pixels.
  package var overlap = 0.0
  /// The sum of the class's probability over all pixels.
  package var probability = 0.0
  /// The number of the class's pixels.
  package var pixels = 0
  /// The number of pixels at which the class has the highest score.
  package var predictions = 0
  /// The number of those that are the class's own.
  package var hits = 0

  package init() {}

  /// Adds the sums over other pixels.
  package mutating func add(_ other: DiceSums) {
    overlap += other.overlap
    probability += other.probability
    pixels += other.pixels
    predictions += other.predictions
    hits += other.hits
  }
}
