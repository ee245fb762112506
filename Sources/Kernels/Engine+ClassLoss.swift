import Glibc

/// How the labels of a cross-entropy count.
@safe public struct LabelCounting {
  /// ε: the share of every label that is spread over all classes.
  public let smoothing: Float
  /// The weights of the classes; nil for 1.
  public let classWeights: UnsafePointer<Float>?
  /// A label whose row does not count, which need not be a class.
  public let ignoredLabel: Int32?

  /// Gathers how labels count.
  public init(
    smoothing: Float, classWeights: UnsafePointer<Float>?, ignoredLabel: Int32?
  ) {
    self.smoothing = smoothing
    unsafe self.classWeights = classWeights
    self.ignoredLabel = ignoredLabel
  }

  /// The weight of a class.
  @inline(__always)
  func weight(_ label: Int) -> Float {
    unsafe classWeights?[label] ?? 1
  }
}

/// What a cross-entropy whose labels count differently came to.
public struct ClassLossSums: Hashable, Sendable {
  /// The sum of the losses of the rows that count.
  public var loss: Double
  /// The number of rows whose first largest score is that of their label; ignored ones do not count.
  public var correctPredictions: Int
}

extension Engine {
  /// The sum of the weights of the labels that count: what the mean of a cross-entropy is divided by.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - labels: `rows` labels, each from 0 up to `classes`, or the ignored one; others stop the program.
  ///   - rows: The number of rows.
  ///   - classes: The number of classes.
  ///   - counting: How labels count.
  /// - Returns: The sum; 0 if no label counts.
  public func labelWeight(
    _ labels: UnsafePointer<Int32>, rows: Int, classes: Int, counting: LabelCounting
  ) -> Double {
    var sum = 0.0
    for row in 0..<rows {
      let label = unsafe labels[row]
      if label == counting.ignoredLabel { continue }
      precondition(0..<classes ~= Int(label), "label \(label) is not among \(classes) classes")
      sum += Double(counting.weight(Int(label)))
    }
    return sum
  }

  /// Adds up the cross-entropy of rows whose labels count differently, and writes its gradient.
  ///
  /// The loss of a row with the label l is Σ_c a_c·(−log p_c) with p the softmax of the scores and
  /// a_c = (1 − ε)·w_l·[c = l] + ε/C·w_c, and its gradient (Σ a)·p − a; rows with the ignored label have
  /// neither. Allocates nothing.
  ///
  /// - Parameters:
  ///   - scores: (rows, classes).
  ///   - labels: `rows` labels that `labelWeight` accepts.
  ///   - gradient: (rows, classes): where factor · gradient goes; it may be the scores' memory; nil if
  ///     nobody wants it.
  ///   - rows: The number of rows.
  ///   - classes: The number of classes; at least 1.
  ///   - counting: How labels count.
  ///   - factor: What gradients are multiplied by.
  /// - Returns: The sums over the rows.
  public func weightedCrossEntropy(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>?, rows: Int, classes: Int, counting: LabelCounting,
    factor: Float
  ) -> ClassLossSums {
    // The gradient may take the scores' place, so predictions are counted first.
    let correct = sumOfRows(rows, elements: classes) { row in
      let label = unsafe labels[row]
      guard label != counting.ignoredLabel else { return 0 }
      return unsafe firstLargest(scores + row * classes, classes) == Int(label) ? 1 : 0
    }
    let loss = sumOfRows(rows, elements: classes) { row in
      let input = unsafe scores + row * classes
      let output = unsafe gradient.map { unsafe $0 + row * classes }
      if unsafe labels[row] == counting.ignoredLabel {
        unsafe output?.update(repeating: 0, count: classes)
        return 0
      }
      return unsafe weightedRow(
        input, label: Int(labels[row]), output, classes, counting, factor: factor)
    }
    return ClassLossSums(loss: loss, correctPredictions: Int(correct))
  }

  private func weightedRow(
    _ scores: UnsafePointer<Float>, label: Int, _ gradient: UnsafeMutablePointer<Float>?,
    _ classes: Int, _ counting: LabelCounting, factor: Float
  ) -> Double {
    let logarithms = unsafe LogSoftmax(scores, count: classes, temperature: 1)
    let spread = Double(counting.smoothing) / Double(classes)
    let own = Double(1 - counting.smoothing) * Double(counting.weight(label))
    var total = own
    var loss = unsafe -own * logarithms[scores[label]]
    if spread > 0 {
      for index in 0..<classes {
        let share = spread * Double(counting.weight(index))
        total += share
        unsafe loss -= share * logarithms[scores[index]]
      }
    }
    guard let gradient = unsafe gradient else { return loss }
    for index in 0..<classes {
      let probability = unsafe exp(logarithms[scores[index]])
      var share = spread > 0 ? spread * Double(counting.weight(index)) : 0
      if index == label { share += own }
      unsafe gradient[index] = Float(total * probability - share) * factor
    }
    return loss
  }

  private func firstLargest(_ scores: UnsafePointer<Float>, _ count: Int) -> Int {
    var best = 0
    for index in 1..<max(1, count) where unsafe scores[index] > scores[best] { best = index }
    return best
  }
}

/// The logarithm of the softmax of a row of scores, over a temperature.
struct LogSoftmax {
  private let largest: Float
  private let temperature: Double
  private let logarithmOfSum: Double

  init(_ scores: UnsafePointer<Float>, count: Int, temperature: Float) {
    var largest = -Float.infinity
    for index in 0..<count { largest = unsafe max(largest, scores[index]) }
    var sum = 0.0
    for index in 0..<count {
      sum += unsafe exp(Double(scores[index] - largest) / Double(temperature))
    }
    self.largest = largest
    self.temperature = Double(temperature)
    logarithmOfSum = log(sum)
  }

  /// That of one of the scores.
  @inline(__always)
  subscript(score: Float) -> Double {
    Double(score - largest) / temperature - logarithmOfSum
  }
}
