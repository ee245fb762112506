/// Which class a label of a file stands for: the labels that occur are the classes, in their order.
///
/// Without gaps between the labels a class has the number of its label. A mask of 0 and 255 would
/// otherwise make 256 classes, of which 254 take memory and time and are never there.
struct LabelNumbering {
  /// The label that stands for each class; the first, the background, is 0 whether it occurs or not.
  let labels: [Int]
  /// What a user should know of the labels.
  let warnings: [String]

  private let numbers: [UInt8]

  /// Labels that are the numbers of so many classes.
  init(classCount: Int) {
    labels = Array(0..<max(0, classCount))
    warnings = []
    numbers = []
  }

  /// Numbers labels by how often each of the 256 occurs.
  ///
  /// - Parameters:
  ///   - counts: How many voxels have each label.
  ///   - folder: The folder of the labels, for the warning where there are gaps between them.
  init(counts: [Int], of folder: String) {
    labels = counts.indices.filter { $0 == 0 || counts[$0] > 0 }
    var numbers = [UInt8](repeating: 0, count: counts.count)
    for (number, label) in labels.enumerated() { numbers[label] = UInt8(number) }
    self.numbers = numbers
    let hasGaps = labels.last != labels.count - 1
    warnings =
      hasGaps
      ? [
        "the labels in '\(folder)' are \(Self.words(labels)), with gaps between them; they are taken "
          + "as the classes 0 to \(labels.count - 1)"
      ] : []
  }

  /// Whether the number of each class is its label.
  var keepsNumbers: Bool { labels.last == labels.count - 1 }

  /// The class that a label stands for.
  func number(of label: UInt8) -> UInt8 { keepsNumbers ? label : numbers[Int(label)] }

  /// The classes, with how many labels of each there are.
  ///
  /// - Parameters:
  ///   - training: How many of the voxels to train with are of each class.
  ///   - test: How many of the voxels to test with are.
  /// - Returns: The classes in the order of their numbers.
  func classes(training: [Int], test: [Int]) -> [LabelClass] {
    func count(_ number: Int, _ counts: [Int]) -> Int {
      counts.indices.contains(number) ? counts[number] : 0
    }
    return labels.enumerated().map { number, label in
      LabelClass(
        number: number, label: label, trainingCount: count(number, training),
        testCount: count(number, test))
    }
  }

  /// Numbers in ascending order, in as few words as they take: `0, 2 to 4, 255`.
  private static func words(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound == number - 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }.joined(separator: ", ")
  }
}
