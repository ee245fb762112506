import KernelInterface
import Kernels

/// The variances that few bits give the numbers of a fold of one sample.
///
/// Signs are drawn once: with them a map's buckets are known, and so are its step s, which follows from
/// the largest bucket, and where each number lies between two levels. At the fraction f of a step it
/// errs by f (1 − f) s² on average. Buckets that hold a pixel each are known but for their sign, which
/// does not matter to this.
///
/// The row that carries a mean, w = n x̄ − T1 · S, is rounded to the upper half of its float: by a sixth
/// of the squared distance of two neighbours, since the rounding of S moves it about.
struct FoldRounding {
  /// For every group, bucket by bucket, the variances of all channels of the group together.
  private(set) var buckets: [Double]
  /// For every group, rectangle by rectangle, the variances of w of all channels together.
  private(set) var means: [Double]

  /// The variances of a sample's sketch.
  ///
  /// - Parameters:
  ///   - values: The sample, less what a mask tells.
  ///   - plan: The fold, whose signs are passed over.
  ///   - storage: The bits of its numbers.
  ///   - means: For every rectangle, the means of all channels; none without rectangles.
  ///   - boxes: The rectangle of every pixel, none without rectangles.
  init(
    of values: [Float], plan: SketchPlan, storage: SketchDescription.Storage, means: [Double],
    boxes: [Int]
  ) {
    let channels = plan.geometry.inputChannels
    let groupChannels = plan.geometry.groupInputChannels
    let (pixels, rows, boxCount) = (plan.pixelCount, plan.sketchRows, plan.boxes.count)
    let signs = (0..<pixels).map { RandomStream.word(0, $0) & 1 == 0 ? 1.0 : -1.0 }
    // What a map that is 1 on a rectangle folds to.
    var ones = [Double](repeating: 0, count: boxCount * rows)
    if boxCount > 0 {
      for pixel in 0..<pixels { ones[boxes[pixel] * rows + pixel % rows] += signs[pixel] }
    }
    buckets = [Double](repeating: 0, count: plan.geometry.groups * rows)
    self.means = [Double](repeating: 0, count: plan.geometry.groups * boxCount)
    for channel in 0..<channels {
      let group = channel / groupChannels
      var sums = [Double](repeating: 0, count: rows)
      for pixel in 0..<pixels {
        let mean = boxCount > 0 ? means[boxes[pixel] * channels + channel] : 0
        sums[pixel % rows] += signs[pixel] * (Double(values[pixel * channels + channel]) - mean)
      }
      let half = Double(1 << storage.bits - 1) / 2
      let step = Self.upperHalf(Float((sums.map(\.magnitude).max() ?? 0) / half))
      if step > 0 {
        for row in 0..<rows {
          let place = sums[row] / step + half
          let fraction = place - place.rounded(.down)
          buckets[group * rows + row] += fraction * (1 - fraction) * step * step
        }
      }
      for box in 0..<boxCount {
        let size = Double(plan.boxes[box].pixelCount)
        let product = (0..<rows).reduce(0) { $0 + ones[box * rows + $1] * sums[$1] }
        let carried = size * means[box * channels + channel] - product
        // Of the 23 bits that a float's mantissa has, 7 are left.
        let distance = Double(Float(carried).ulp) * 0x1p16
        self.means[group * boxCount + box] += carried == 0 ? 0 : distance * distance / 6
      }
    }
  }

  /// A step as it is stored: rounded up to the upper half of its float.
  private static func upperHalf(_ step: Float) -> Double {
    guard step > 0 else { return 0 }
    return Double(Float(bitPattern: (step.bitPattern + 0x1_0000) & 0xFFFF_0000))
  }
}
