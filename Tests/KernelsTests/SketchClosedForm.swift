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
///     over channels:       1/r² · Σ_j w_cj² (Σ_b,b' (Σ_c' w_c'j² x_bc'·x_b'c')(y_b·y_b')
///                          + w_cj² Σ_b,b' (x_bc·y_b')(x_b'c·y_b)), weights w_cj of channels in probes
struct SketchClosedForm {
  let problem: SketchProblem
  let description: SketchDescription
  private let boxOfPixel: [Int]
  /// The weight of every channel in every probe, probe by probe.
  private let weights: [Double]

  init(_ problem: SketchProblem, _ description: SketchDescription) {
    self.problem = problem
    self.description = description
    weights = Self.weights(description, problem.geometry)
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
        let channels = group * g.groupInputChannels..<(group + 1) * g.groupInputChannels
        for channel in channels {
          total +=
            description.estimator.mixesChannels
            ? multichannelError(inputs, channel, channels, gradients)
            : error(inputs[channel], gradients)
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
    case .gaussianMultichannel, .orthogonal:
      return .nan
    }
  }

  private func multichannelError(
    _ inputs: [[[Double]]], _ channel: Int, _ channels: Range<Int>, _ y: [[Double]]
  ) -> Double {
    let g = problem.geometry
    var cross = 0.0
    var squares = [Double](repeating: 0, count: g.inputChannels)
    for first in y.indices {
      for second in y.indices {
        cross +=
          dot(inputs[channel][first], y[second]) * dot(inputs[channel][second], y[first])
        for other in channels {
          squares[other] +=
            dot(inputs[other][first], inputs[other][second]) * dot(y[first], y[second])
        }
      }
    }
    var sum = 0.0
    for probe in 0..<description.size {
      func weight(_ channel: Int) -> Double {
        let weight = weights[probe * g.inputChannels + channel]
        return weight * weight
      }
      let leakage = channels.reduce(0) { $0 + weight($1) * squares[$1] }
      sum += weight(channel) * (leakage + weight(channel) * cross)
    }
    return sum / Double(description.size * description.size)
  }

  private static func weights(
    _ description: SketchDescription, _ geometry: ConvolutionGeometry
  ) -> [Double] {
    let count = description.size * geometry.inputChannels
    let plan = MultichannelPlan(description, geometry)
    guard plan.hasSupports else { return Array(repeating: 1, count: count) }
    var weights = [Float](repeating: 0, count: count)
    var permutation = [Int32](repeating: 0, count: SketchSupports.permutationCount(plan))
    unsafe weights.withUnsafeMutableBufferPointer { weights in
      unsafe permutation.withUnsafeMutableBufferPointer { permutation in
        guard let weights = weights.baseAddress, let permutation = permutation.baseAddress else {
          return
        }
        unsafe SketchSupports.writeWeights(
          plan, stream: description.stream(.supports), permutation: permutation, weights: weights)
      }
    }
    return weights.map { Double($0) }
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
