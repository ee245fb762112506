import KernelInterface

extension Engine {
  /// Writes the softmax of every row and returns the mean cross-entropy with the labels.
  ///
  /// The loss of a row is −Σ q·log p over the classes with q = (1 − ε)·one-hot(label) + ε/classes.
  /// A loss that is infinite or not a number is returned as such. Allocates nothing.
  ///
  /// - Parameters:
  ///   - logits: (rows, classes).
  ///   - labels: `rows` labels, each from 0 up to `classes`; others stop the program.
  ///   - probabilities: (rows, classes); may be the logits' memory.
  ///   - rows: The number of samples, or of pixels of all samples.
  ///   - classes: The number of classes; at least 1.
  ///   - labelSmoothing: ε.
  /// - Returns: The mean over the rows; 0 if there are none.
  public func softmaxCrossEntropy(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float
  ) -> Float {
    unsafe checkLabels(labels, rows: rows, classes: classes)
    // A fixed number of partial sums, added in order; they live on the stack.
    var partial = InlineArray<64, Double>(repeating: 0)
    let length = max(
      WorkSplit.parts(of: rows, length: 64), WorkSplit.parts(of: 4096, length: classes))
    unsafe withUnsafeMutableBytes(of: &partial) { bytes in
      let sums = unsafe bytes.assumingMemoryBound(to: Double.self)
      forEachRange(of: rows, length: length) { range in
        let start = range.lowerBound * classes
        unsafe sums[range.lowerBound / length] = kernels.softmaxCrossEntropy(
          logits: logits + start, labels: labels + range.lowerBound,
          probabilities: probabilities + start, rows: range.count, classes: classes,
          labelSmoothing: labelSmoothing)
      }
    }
    var total = 0.0
    for index in partial.indices { total += partial[index] }
    return rows == 0 ? 0 : Float(total / Double(rows))
  }

  /// The gradient of the mean cross-entropy with respect to the logits: (p − q)/rows.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - probabilities: (rows, classes), as `softmaxCrossEntropy` wrote them.
  ///   - labels: `rows` labels.
  ///   - gradient: (rows, classes); may be the probabilities' memory.
  ///   - rows: The number of rows.
  ///   - classes: The number of classes.
  ///   - labelSmoothing: ε, as in the forward pass.
  ///   - weight: What the gradient is multiplied by.
  public func softmaxCrossEntropyBackward(
    probabilities: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, classes: Int, labelSmoothing: Float,
    weight: Float = 1
  ) {
    let factor = weight / Float(rows)
    forEachRows(rows, elements: classes) { range in
      let start = range.lowerBound * classes
      unsafe kernels.softmaxCrossEntropyBackward(
        probabilities: probabilities + start, labels: labels + range.lowerBound,
        gradient: gradient + start, rows: range.count, classes: classes,
        labelSmoothing: labelSmoothing, factor: factor)
    }
  }

  /// The number of rows whose largest score, of equal ones the first, is that of the label.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - scores: (rows, classes): logits or probabilities.
  ///   - labels: `rows` labels.
  ///   - rows: The number of rows.
  ///   - classes: The number of classes; at least 1.
  /// - Returns: A number from 0 to `rows`.
  public func correctPredictions(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int
  ) -> Int {
    unsafe kernels.correctPredictions(scores: scores, labels: labels, rows: rows, classes: classes)
  }

  /// Stops the program at a label outside the classes: the kernels would read foreign memory.
  func checkLabels(_ labels: UnsafePointer<Int32>, rows: Int, classes: Int) {
    for row in 0..<rows {
      let label = unsafe Int(labels[row])
      precondition(0..<classes ~= label, "label \(label) is not among \(classes) classes")
    }
  }
}
