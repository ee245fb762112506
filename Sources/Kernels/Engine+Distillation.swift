import Glibc

extension Engine {
  /// Adds up what a student's scores lose against a teacher's, and writes the gradient of the former.
  ///
  /// The loss of a row is T²·KL(softmax(teacher/T) ‖ softmax(student/T)) (Hinton and others 2015, arXiv
  /// 1503.02531, section 2, with the divergence in place of the cross-entropy: the gradients are the
  /// same), and its gradient T·(softmax(student/T) − softmax(teacher/T)). Allocates nothing.
  ///
  /// - Parameters:
  ///   - student: (rows, classes).
  ///   - teacher: (rows, classes).
  ///   - gradient: (rows, classes): where the gradient goes, each part times its factor;
  ///     it may be the student's memory; nil if nobody wants it.
  ///   - rows: The number of rows.
  ///   - classes: The number of classes; at least 1.
  ///   - temperature: T; above 0.
  ///   - factor: What gradients are multiplied by.
  ///   - labels: With `labelFactor`, the classes of the rows, each from 0 up to `classes`; others stop
  ///     the program. Nil if only the teacher counts.
  ///   - labelFactor: What the gradients of the cross-entropy with the labels are multiplied by.
  /// - Returns: The sums over the rows of the divergence from the teacher, and of the cross-entropy.
  public func distillation(
    student: UnsafePointer<Float>, teacher: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?, rows: Int, classes: Int, temperature: Float,
    factor: Float, labels: UnsafePointer<Int32>?, labelFactor: Float
  ) -> (divergence: Double, crossEntropy: Double) {
    if let labels = unsafe labels { unsafe checkLabels(labels, rows: rows, classes: classes) }
    var crossEntropy = 0.0
    if let labels = unsafe labels {
      crossEntropy = sumOfRows(rows, elements: classes) { row in
        let scores = unsafe student + row * classes
        return unsafe -LogSoftmax(scores, count: classes, temperature: 1)[scores[Int(labels[row])]]
      }
    }
    // The gradient may take the student's place, so this comes last.
    let divergence = sumOfRows(rows, elements: classes) { row in
      let scores = unsafe student + row * classes
      let aims = unsafe teacher + row * classes
      let own = unsafe LogSoftmax(scores, count: classes, temperature: temperature)
      let other = unsafe LogSoftmax(aims, count: classes, temperature: temperature)
      let plain = unsafe labels.map { _ in unsafe LogSoftmax(scores, count: classes, temperature: 1)
      }
      var sum = 0.0
      for index in 0..<classes {
        let score = unsafe scores[index]
        let aim = unsafe exp(other[aims[index]])
        // What has no probability loses nothing.
        if aim > 0 { sum += unsafe aim * (other[aims[index]] - own[score]) }
        guard let gradient = unsafe gradient else { continue }
        var slope = Double(factor) * Double(temperature) * (exp(own[score]) - aim)
        if let plain, let labels = unsafe labels {
          let target = unsafe Int(labels[row]) == index ? 1.0 : 0
          slope += Double(labelFactor) * (exp(plain[score]) - target)
        }
        unsafe gradient[row * classes + index] = Float(slope)
      }
      return sum * Double(temperature) * Double(temperature)
    }
    return (divergence, crossEntropy)
  }
}
