import KernelInterface
import Kernels
import Planning

/// The error that theory predicts for a sketch, from the input and the output gradient themselves.
///
/// With x_n and y^u_n the rows of a sample's input and of its output gradient as tap u sees it, both
/// without the means that are removed (and x without what a mask tells), the sum over samples, groups and taps of
///
///     probes:  (Σ_n ‖x_n‖²)(Σ_n ‖y_n‖²) / m
///     signs:   that, less Σ_n ‖x_n‖²‖y_n‖² / m
///     fold:    Σ_j (Σ_{n∈j} ‖x_n‖²)(Σ_{n∈j} ‖y_n‖²) − Σ_n ‖x_n‖²‖y_n‖²
///
/// and, for numbers of few bits, their rounding: of folds as `FoldRounding` says,
///
///     Σ_j v_j Σ_{n∈j} ‖y_n‖²  +  Σ_t u_t ‖ȳ_t‖²
///
/// with the variances v_j of buckets and u_t of what carries the means of rectangle t, ȳ_t being the
/// output gradient's means; of probes as `SketchDescription.Storage.roundingError` says.
///
/// Left out are terms of the products ⟨x_n, y_n⟩, which have either sign, what samples have in common
/// where they share their probes, and the rounding of the means that a mask adds.
struct SketchErrorPrediction {
  private let description: SketchDescription
  private let geometry: ConvolutionGeometry
  private let plan: SketchPlan
  /// The rectangle of every pixel whose mean is removed; empty if none are.
  private let boxes: [Int]
  private let boxSizes: [Double]

  init(_ description: SketchDescription, _ geometry: ConvolutionGeometry) {
    self.description = description
    self.geometry = geometry
    plan = SketchPlan(description, geometry)
    let extent = geometry.inputExtent
    var boxes = [Int](repeating: 0, count: plan.boxes.count == 0 ? 0 : extent.volume)
    var sizes: [Double] = []
    for index in 0..<plan.boxes.count {
      let box = plan.boxes[index]
      sizes.append(Double(box.pixelCount))
      for depth in box.depths {
        for height in box.heights {
          for column in box.columns {
            boxes[(depth * extent.height + height) * extent.width + column] = index
          }
        }
      }
    }
    self.boxes = boxes
    boxSizes = sizes
  }

  /// The expected squared error of all weights together.
  func squaredError(input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>) -> Double {
    let pixels = geometry.inputExtent.volume
    let (inputs, outputs) = (geometry.inputChannels, geometry.outputChannels)
    let outputPixels = geometry.outputExtent.volume
    let taps = (0..<geometry.kernelExtent.volume).map(sources)
    var error = 0.0
    for sample in 0..<geometry.batchSize {
      var values = unsafe Array(
        UnsafeBufferPointer(start: input + sample * pixels * inputs, count: pixels * inputs))
      if description.usesMask { subtractPositiveMeans(from: &values, channels: inputs) }
      let x = unsafe values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return Energies() }
        return unsafe energies(base, sources: Array(0..<pixels), channels: inputs)
      }
      let rounding = foldRounding(values, means: x.means)
      for tap in taps {
        let y = unsafe energies(
          outputGradient + sample * outputPixels * outputs, sources: tap, channels: outputs)
        for group in 0..<geometry.groups {
          error += squaredError(
            x.pixels[group * pixels..<(group + 1) * pixels],
            y.pixels[group * pixels..<(group + 1) * pixels])
        }
        if let rounding { error += squaredError(rounding, y) }
      }
    }
    // Each channel of a group takes all channels of a probe for its own.
    return description.estimator.mixesChannels
      ? error * Double(geometry.groupInputChannels) : error
  }

  /// The rounding of a sample's fold to few bits; nil for other sketches.
  private func foldRounding(_ values: [Float], means: [Double]) -> FoldRounding? {
    guard description.estimator == .fold, description.storage != .float32 else { return nil }
    return FoldRounding(
      of: values, plan: plan, storage: description.storage, means: means, boxes: boxes)
  }

  /// What rounding adds to the error of one sample and tap, over all groups.
  private func squaredError(_ rounding: FoldRounding, _ y: Energies) -> Double {
    let (pixels, rows) = (plan.pixelCount, plan.sketchRows)
    let outputs = geometry.outputChannels
    let groupOutputs = outputs / geometry.groups
    var error = 0.0
    for (index, energy) in y.pixels.enumerated() {
      let (group, pixel) = index.quotientAndRemainder(dividingBy: pixels)
      error += rounding.buckets[group * rows + pixel % rows] * energy
    }
    for box in boxSizes.indices {
      for channel in 0..<outputs {
        let mean = y.means[box * outputs + channel]
        error += rounding.means[channel / groupOutputs * boxSizes.count + box] * mean * mean
      }
    }
    return error
  }

  /// The error of one sample, group and tap, from the energies of pixels; the rounding of folds not
  /// included.
  private func squaredError(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
    let products = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let whole = x.reduce(0, +) * y.reduce(0, +)
    let size = Double(plan.sketchRows)
    switch description.estimator {
    case .gaussian, .gaussianPerSample, .gaussianMultichannel, .orthogonal:
      return whole / size * (1 + probeRounding)
    case .rademacher, .rademacherPerSample:
      return (whole * (1 + probeRounding) - products) / size
    case .fold:
      var buckets = [(x: Double, y: Double)](repeating: (0, 0), count: plan.sketchRows)
      for (pixel, pair) in zip(x, y).enumerated() {
        buckets[pixel % plan.sketchRows].x += pair.0
        buckets[pixel % plan.sketchRows].y += pair.1
      }
      return buckets.reduce(-products) { $0 + $1.x * $1.y }
    }
  }

  /// The rounding of sums over all pixels, as a share of their own variance.
  private var probeRounding: Double {
    description.storage.roundingError(buckets: 0, pixels: plan.pixelCount)
  }

  /// For every pixel of the input the output that reads it through a tap; −1 if none does.
  private func sources(tap: Int) -> [Int] {
    let (kernel, input, output) = (
      geometry.kernelExtent, geometry.inputExtent, geometry.outputExtent
    )
    let (depthTap, heightTap) = (
      tap / kernel.width / kernel.height, tap / kernel.width % kernel.height
    )
    var sources = [Int](repeating: -1, count: input.volume)
    for depth in geometry.depthAxis.outputs(reading: 0..<input.depth, tap: depthTap) {
      for height in geometry.heightAxis.outputs(reading: 0..<input.height, tap: heightTap) {
        for column in geometry.widthAxis.outputs(
          reading: 0..<input.width, tap: tap % kernel.width)
        {
          let row =
            geometry.depthAxis.input(ofOutput: depth, tap: depthTap) * input.height
            + geometry.heightAxis.input(ofOutput: height, tap: heightTap)
          let pixel =
            row * input.width
            + geometry.widthAxis.input(ofOutput: column, tap: tap % kernel.width)
          sources[pixel] = (depth * output.height + height) * output.width + column
        }
      }
    }
    return sources
  }

  private func subtractPositiveMeans(from values: inout [Float], channels: Int) {
    for channel in 0..<channels {
      let places = stride(from: channel, to: values.count, by: channels).filter { values[$0] > 0 }
      let mean = places.reduce(0) { $0 + values[$1] } / Float(max(1, places.count))
      for place in places { values[place] -= mean }
    }
  }

  /// What is to be known of a sample's map.
  private struct Energies {
    /// The squared norms of rows without their means, group by group, for every pixel of the input.
    var pixels: [Double] = []
    /// For every rectangle, the means of all channels.
    var means: [Double] = []
  }

  private func energies(
    _ values: UnsafePointer<Float>, sources: [Int], channels: Int
  ) -> Energies {
    let pixels = sources.count
    let groupChannels = channels / geometry.groups
    var means = [Double](repeating: 0, count: boxSizes.count * channels)
    if !boxes.isEmpty {
      for (pixel, source) in sources.enumerated() where source >= 0 {
        let first = boxes[pixel] * channels
        for channel in 0..<channels {
          unsafe means[first + channel] += Double(values[source * channels + channel])
        }
      }
      for index in means.indices { means[index] /= boxSizes[index / channels] }
    }
    var energies = [Double](repeating: 0, count: geometry.groups * pixels)
    for (pixel, source) in sources.enumerated() {
      for channel in 0..<channels {
        let value = source < 0 ? 0 : unsafe Double(values[source * channels + channel])
        let mean = boxes.isEmpty ? 0 : means[boxes[pixel] * channels + channel]
        energies[channel / groupChannels * pixels + pixel] += (value - mean) * (value - mean)
      }
    }
    return Energies(pixels: energies, means: means)
  }
}
