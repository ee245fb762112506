import KernelInterface

/// What the soft Dice loss of a batch came to.
public struct DiceReport: Hashable, Sendable {
  /// 1 − the mean over samples and classes of the soft Dice score.
  public var loss: Float
  /// The sum over samples of the Dice score of the predictions, the mean over the classes that are
  /// there or predicted but for the first, which is the background; a sample without any has 1, since
  /// all of it is predicted right or is background.
  public var diceSum: Float
  /// The number of pixels at which the class has the highest score.
  public var correctPredictions: Int
}

extension Engine {
  /// The pixels that one task of the Dice loss adds up.
  private static let pixelsPerTask = 4096

  private static func partsPerSample(_ pixels: Int) -> Int {
    WorkSplit.parts(of: pixels, length: pixelsPerTask)
  }

  /// The bytes of scratch that `softDice` works in.
  ///
  /// - Parameters:
  ///   - samples: The number of samples.
  ///   - pixels: The pixels of a sample.
  ///   - classes: The number of classes.
  /// - Returns: A number of bytes.
  public static func softDiceScratchByteCount(samples: Int, pixels: Int, classes: Int) -> Int {
    samples * partsPerSample(pixels) * classes * MemoryLayout<DiceSums>.stride
  }

  /// Writes the softmax of every pixel and returns the soft Dice loss.
  ///
  /// For each sample and class D = (2·Σ p·t + smooth) / (Σ p + Σ t + smooth) over the pixels, where p
  /// is the probability and t is 1 at the class's pixels; the loss is 1 − the mean of D (Milletari
  /// and others 2016, arXiv 1606.04797, without squares). Allocates nothing.
  ///
  /// - Parameters:
  ///   - scores: (samples, pixels, classes).
  ///   - labels: (samples, pixels), each from 0 up to `classes`; others stop the program.
  ///   - probabilities: (samples, pixels, classes); may be the scores' memory.
  ///   - coefficients: (samples, 2, classes): what the backward pass needs besides.
  ///   - samples: The number of samples; at least 1.
  ///   - pixels: The pixels of a sample; at least 1.
  ///   - classes: The number of classes; at least 2.
  ///   - smooth: Added to both sides of the fraction; above 0.
  ///   - scratch: Scratch of `softDiceScratchByteCount`.
  /// - Returns: The loss, and how well predictions and labels overlap.
  public func softDice(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, coefficients: UnsafeMutablePointer<Float>,
    samples: Int, pixels: Int, classes: Int, smooth: Float, scratch: UnsafeMutableRawPointer
  ) -> DiceReport {
    unsafe checkLabels(labels, rows: samples * pixels, classes: classes)
    let sums = unsafe scratch.bindMemory(
      to: DiceSums.self, capacity: samples * Engine.partsPerSample(pixels) * classes)
    forEachPart(samples, pixels) { part, sample, range in
      let start = sample * pixels + range.lowerBound
      unsafe kernels.softmaxOverlap(
        scores: scores + start * classes, labels: labels + start,
        probabilities: probabilities + start * classes, pixels: range.count, classes: classes,
        sums: sums + part * classes)
    }
    var soft = 0.0
    var hard = 0.0
    var correct = 0
    let parts = Engine.partsPerSample(pixels)
    let share = -1 / Double(samples * classes)
    for sample in 0..<samples {
      let slopes = unsafe coefficients + sample * 2 * classes
      var (overlaps, seenClasses) = (0.0, 0)
      for index in 0..<classes {
        var total = DiceSums()
        for part in 0..<parts {
          unsafe total.add(sums[(sample * parts + part) * classes + index])
        }
        let numerator = 2 * total.overlap + Double(smooth)
        let denominator = total.probability + Double(total.pixels) + Double(smooth)
        soft += numerator / denominator
        unsafe slopes[index] = Float(share * 2 / denominator)
        unsafe slopes[classes + index] = Float(-share * numerator / (denominator * denominator))
        correct += total.hits
        let size = total.predictions + total.pixels
        if index > 0, size > 0 {
          overlaps += Double(2 * total.hits) / Double(size)
          seenClasses += 1
        }
      }
      hard += seenClasses == 0 ? 1 : overlaps / Double(seenClasses)
    }
    return DiceReport(
      loss: Float(1 + share * soft), diceSum: Float(hard), correctPredictions: correct)
  }

  /// The gradient of the soft Dice loss with respect to the scores.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - probabilities: (samples, pixels, classes), as `softDice` wrote them.
  ///   - coefficients: (samples, 2, classes), as `softDice` wrote them.
  ///   - labels: (samples, pixels).
  ///   - gradient: (samples, pixels, classes); may be the probabilities' memory.
  ///   - samples: The number of samples.
  ///   - pixels: The pixels of a sample.
  ///   - classes: The number of classes.
  public func softDiceBackward(
    probabilities: UnsafePointer<Float>, coefficients: UnsafePointer<Float>,
    labels: UnsafePointer<Int32>, gradient: UnsafeMutablePointer<Float>, samples: Int, pixels: Int,
    classes: Int
  ) {
    forEachPart(samples, pixels) { _, sample, range in
      let start = sample * pixels + range.lowerBound
      let slopes = unsafe coefficients + sample * 2 * classes
      unsafe kernels.softmaxOverlapBackward(
        probabilities: probabilities + start * classes, labels: labels + start,
        gradient: gradient + start * classes, pixels: range.count, classes: classes,
        slopes: slopes, offsets: slopes + classes)
    }
  }

  /// Runs `body` in parallel over parts of the pixels of all samples, numbered in order.
  private func forEachPart(
    _ samples: Int, _ pixels: Int, _ body: (_ part: Int, _ sample: Int, _ range: Range<Int>) -> Void
  ) {
    let parts = Engine.partsPerSample(pixels)
    pool.parallel(taskCount: samples * parts) { part, _ in
      let start = part % parts * Engine.pixelsPerTask
      body(part, part / parts, start..<min(pixels, start + Engine.pixelsPerTask))
    }
  }
}
