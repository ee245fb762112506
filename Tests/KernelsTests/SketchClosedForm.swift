import KernelInterface

/// The expected squared error of a sketched weight gradient, summed over all its entries.
///
/// For an entry write x_b, y_b for the maps of sample b: the input's, and the output gradient's at the
/// places that the tap reads. All formulas are in `randomized-trace.md`, section 4, by name:
///
///     Gaussian:            1/r · Σ_b,b' (x_b·x_b')(y_b·y_b') + (x_b·y_b')(x_b'·y_b)
///     the same with signs: less 2/r · Σ_q (Σ_b x_b[q] y_b[q])²
///     for each sample:     only b = b' above
///     fold:                Σ_b Σ_j (Σ x²)(Σ y²) + (Σ x y)² − 2 Σ x² y², inner sums over bucket j
struct SketchClosedForm {
  let problem: SketchProblem
  let description: SketchDescription
  private let boxOfPixel: [Int]

  init(_ problem: SketchProblem, _ description: SketchDescription) {
    self.problem = problem
    self.description = description
    let extent = problem.geometry.inputExtent
    let boxes = SketchBoxes(count: description.deflation.count, in: extent)
    boxOfPixel = (0..<extent.volume).map { pixel in
      let (width, height) = (extent.width, extent.height)
      return (0..<boxes.count).first { index in
        let box = boxes[index]
        return box.columns.contains(pixel % width)
          && box.heights.contains(pixel / width % height)
          && box.depths.contains(pixel / width / height)
      } ?? -1
    }
  }

  var expectedSquaredError: Double {
    let g = problem.geometry
    let inputs = (0..<g.inputChannels).map { channel in
      (0..<g.batchSize).map { deflated(input(sample: $0, channel: channel)) }
    }
    var total = 0.0
    for tap in 0..<g.kernelExtent.volume {
      var pairs: [(output: Int, input: Int)] = []
      problem.forEachPixelPair(tap: tap) { pairs.append(($0, $1)) }
      for output in 0..<g.outputChannels {
        let gradients = (0..<g.batchSize).map { sample in
          deflated(gradient(sample: sample, channel: output, pairs: pairs))
        }
        let group = output / g.groupOutputChannels
        for member in 0..<g.groupInputChannels {
          total += error(inputs[group * g.groupInputChannels + member], gradients)
        }
      }
    }
    return total
  }

  private func error(_ x: [[Double]], _ y: [[Double]]) -> Double {
    let samples = x.indices
    func pairs(_ isWanted: (Int, Int) -> Bool) -> Double {
      var sum = 0.0
      for first in samples {
        for second in samples where isWanted(first, second) {
          sum += dot(x[first], x[second]) * dot(y[first], y[second])
          sum += dot(x[first], y[second]) * dot(x[second], y[first])
        }
      }
      return sum
    }
    let size = Double(description.size)
    switch description.estimator {
    case .gaussian:
      return pairs { _, _ in true } / size
    case .gaussianPerSample:
      return pairs { $0 == $1 } / size
    case .rademacher:
      var diagonal = 0.0
      for pixel in x[0].indices {
        let sum = samples.reduce(0.0) { $0 + x[$1][pixel] * y[$1][pixel] }
        diagonal += sum * sum
      }
      return (pairs { _, _ in true } - 2 * diagonal) / size
    case .rademacherPerSample:
      return (pairs { $0 == $1 } - 2 * samples.reduce(0) { $0 + diagonal(x[$1], y[$1]) }) / size
    case .fold:
      var sum = 0.0
      for sample in samples {
        for bucket in 0..<min(description.size, x[sample].count) {
          let (a, b) = (folded(x[sample], bucket), folded(y[sample], bucket))
          sum += dot(a, a) * dot(b, b) + dot(a, b) * dot(a, b) - 2 * diagonal(a, b)
        }
      }
      return sum
    }
  }

  private func input(sample: Int, channel: Int) -> [Double] {
    let g = problem.geometry
    return (0..<g.inputExtent.volume).map {
      Double(problem.input[(sample * g.inputExtent.volume + $0) * g.inputChannels + channel])
    }
  }

  private func gradient(sample: Int, channel: Int, pairs: [(output: Int, input: Int)]) -> [Double] {
    let g = problem.geometry
    var map = [Double](repeating: 0, count: g.inputExtent.volume)
    for (output, input) in pairs {
      let pixel = sample * g.outputExtent.volume + output
      map[input] = Double(problem.outputGradient[pixel * g.outputChannels + channel])
    }
    return map
  }

  private func deflated(_ map: [Double]) -> [Double] {
    var sums: [Int: (total: Double, count: Double)] = [:]
    for (value, box) in zip(map, boxOfPixel) {
      let sum = sums[box, default: (0, 0)]
      sums[box] = (sum.total + value, sum.count + 1)
    }
    return zip(map, boxOfPixel).map { value, box in
      guard box >= 0, let sum = sums[box] else { return value }
      return value - sum.total / sum.count
    }
  }

  private func folded(_ map: [Double], _ bucket: Int) -> [Double] {
    stride(from: bucket, to: map.count, by: description.size).map { map[$0] }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func diagonal(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.0 * $1.1 * $1.1 }
  }
}
