import Glibc

/// The sums over some pixels of one channel that its Dice scores are made of.
private struct OverlapSums {
  var overlap = 0.0
  var probability = 0.0
  var target = 0.0
  var hits = 0
  var predictions = 0
  var pixels = 0

  mutating func add(_ other: OverlapSums) {
    overlap += other.overlap
    probability += other.probability
    target += other.target
    hits += other.hits
    predictions += other.predictions
    pixels += other.pixels
  }
}

extension Engine {
  private static let overlapPixelsPerTask = 4096

  /// The bytes of scratch that `binaryDice` works in.
  ///
  /// - Parameters:
  ///   - samples: The number of samples.
  ///   - pixels: The pixels of a sample.
  ///   - channels: The channels of a pixel.
  /// - Returns: A number of bytes.
  public static func binaryDiceScratchByteCount(samples: Int, pixels: Int, channels: Int) -> Int {
    let parts = WorkSplit.parts(of: pixels, length: overlapPixelsPerTask)
    return samples * channels
      * (parts * MemoryLayout<OverlapSums>.stride + 2 * MemoryLayout<Double>.stride)
  }

  /// Returns the soft Dice loss of channels that are each there or not, and writes its gradient.
  ///
  /// For each sample and channel D = (2·Σ p·t + smooth) / (Σ p + Σ t + smooth) over the pixels, where p
  /// is the sigmoid of the score; the loss is 1 − the mean of D (Milletari and others 2016, arXiv
  /// 1606.04797, without squares). Allocates nothing.
  ///
  /// - Parameters:
  ///   - scores: (samples, pixels, channels).
  ///   - targets: (samples, pixels, channels): t, from 0 to 1.
  ///   - gradient: (samples, pixels, channels); may be the scores' memory; nil if nobody wants it.
  ///   - samples: The number of samples; at least 1.
  ///   - pixels: The pixels of a sample; at least 1.
  ///   - channels: The channels of a pixel; at least 1.
  ///   - smooth: Added to both sides of the fraction; above 0.
  ///   - scratch: Scratch of `binaryDiceScratchByteCount`.
  /// - Returns: The loss, and the sum over samples of the mean Dice score of the channels, where p and t
  ///   count as 1 above one half; a channel that is neither there nor predicted has 1.
  public func binaryDice(
    scores: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?, samples: Int, pixels: Int, channels: Int,
    smooth: Float, scratch: UnsafeMutableRawPointer
  ) -> (loss: Float, diceSum: Float) {
    let parts = WorkSplit.parts(of: pixels, length: Engine.overlapPixelsPerTask)
    let sums = unsafe scratch.bindMemory(
      to: OverlapSums.self, capacity: samples * parts * channels)
    let slopes = unsafe UnsafeMutableRawPointer(sums + samples * parts * channels)
      .bindMemory(to: Double.self, capacity: 2 * samples * channels)
    forEachPixelPart(samples, pixels) { part, sample, range in
      let own = unsafe sums + part * channels
      unsafe own.initialize(repeating: OverlapSums(), count: channels)
      for pixel in range {
        let start = (sample * pixels + pixel) * channels
        for channel in 0..<channels {
          let (score, target) = unsafe (scores[start + channel], targets[start + channel])
          let probability = sigmoid(score)
          unsafe own[channel].overlap += probability * Double(target)
          unsafe own[channel].probability += probability
          unsafe own[channel].target += Double(target)
          if score > 0 { unsafe own[channel].predictions += 1 }
          if target > 0.5 { unsafe own[channel].pixels += 1 }
          if score > 0 && target > 0.5 { unsafe own[channel].hits += 1 }
        }
      }
    }
    var soft = 0.0
    var hard = 0.0
    let share = 1 / Double(samples * channels)
    for sample in 0..<samples {
      for channel in 0..<channels {
        var total = OverlapSums()
        for part in 0..<parts {
          unsafe total.add(sums[(sample * parts + part) * channels + channel])
        }
        let numerator = 2 * total.overlap + Double(smooth)
        let denominator = total.probability + total.target + Double(smooth)
        soft += numerator / denominator
        let place = 2 * (sample * channels + channel)
        unsafe slopes[place] = -share * 2 / denominator
        unsafe slopes[place + 1] = share * numerator / (denominator * denominator)
        let size = total.predictions + total.pixels
        hard += size == 0 ? 1 : Double(2 * total.hits) / Double(size)
      }
    }
    if let gradient = unsafe gradient {
      forEachPixelPart(samples, pixels) { _, sample, range in
        for pixel in range {
          let start = (sample * pixels + pixel) * channels
          for channel in 0..<channels {
            let place = 2 * (sample * channels + channel)
            let probability = unsafe sigmoid(scores[start + channel])
            let slope = unsafe slopes[place] * Double(targets[start + channel]) + slopes[place + 1]
            unsafe gradient[start + channel] = Float(probability * (1 - probability) * slope)
          }
        }
      }
    }
    return (Float(1 - share * soft), Float(hard / Double(channels)))
  }

  @inline(__always)
  private func sigmoid(_ score: Float) -> Double { 1 / (1 + exp(-Double(score))) }

  /// Runs `body` in parallel over parts of the pixels of all samples, numbered in order.
  private func forEachPixelPart(
    _ samples: Int, _ pixels: Int, _ body: (_ part: Int, _ sample: Int, _ range: Range<Int>) -> Void
  ) {
    let parts = WorkSplit.parts(of: pixels, length: Engine.overlapPixelsPerTask)
    pool.parallel(taskCount: samples * parts) { part, _ in
      let start = part % parts * Engine.overlapPixelsPerTask
      body(part, part / parts, start..<min(pixels, start + Engine.overlapPixelsPerTask))
    }
  }
}
