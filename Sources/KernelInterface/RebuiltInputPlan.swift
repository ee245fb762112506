/// How an exact gradient is computed from what is known of an input besides a sketch that errs.
///
/// A fold with a bucket for every pixel adds nothing up: with signs and means undone it is the input
/// again, but for the rounding of its numbers. The kernels of the exact gradient are quicker than folds
/// of the output gradient, so the input is rebuilt for a group of samples at a time. What a mask tells
/// is added; where pixels share buckets it is all that is rebuilt, and the sketch of the rest follows.
package struct RebuiltInputPlan: Hashable, Sendable {
  // The floats of the inputs of a group: two megabytes.
  private static let groupCapacity = 524_288

  /// Whether the sketch is part of the input that is rebuilt.
  package let holdsSketch: Bool
  /// The samples whose inputs are rebuilt at a time.
  package let groupSize: Int
  /// The floats of a sample's input.
  package let mapCount: Int
  /// The floats of each worker, which begin behind the inputs: signs and then means.
  package let workerStart: Int
  package let workerStride: Int
  package let meanStart: Int
  /// The floats of all of that; the scratch of the exact gradient follows.
  package let count: Int
  private let geometry: ConvolutionGeometry

  /// The plan; nil where there is no mask, and pixels share buckets or numbers are kept as they are.
  package init?(_ description: SketchDescription, _ plan: SketchPlan, threadCount: Int) {
    holdsSketch =
      description.estimator == .fold && description.storage != .float32
      && plan.sketchRows == plan.pixelCount
    guard holdsSketch || description.usesMask else { return nil }
    func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
    geometry = plan.geometry
    mapCount = plan.pixelCount * geometry.inputChannels
    groupSize = max(1, min(geometry.batchSize, Self.groupCapacity / mapCount))
    workerStart = rounded(groupSize * mapCount)
    meanStart = rounded(plan.pixelCount)
    workerStride = meanStart + rounded(plan.boxes.count * geometry.inputChannels)
    count = workerStart + threadCount * workerStride
  }

  /// The groups of samples.
  package var groups: [Range<Int>] {
    stride(from: 0, to: geometry.batchSize, by: groupSize).map {
      $0..<min($0 + groupSize, geometry.batchSize)
    }
  }

  /// The different numbers of samples of groups.
  package var groupSizes: [Int] {
    let rest = geometry.batchSize % groupSize
    return rest == 0 ? [groupSize] : [groupSize, rest]
  }

  /// The convolution of a group of samples.
  package func geometry(sampleCount: Int) -> ConvolutionGeometry {
    do {
      return try ConvolutionGeometry(
        batchSize: sampleCount, inputChannels: geometry.inputChannels,
        outputChannels: geometry.outputChannels, groups: geometry.groups,
        inputExtent: geometry.inputExtent, kernelExtent: geometry.kernelExtent,
        stride: geometry.stride, paddingBefore: geometry.paddingBefore,
        paddingAfter: geometry.paddingAfter, dilation: geometry.dilation)
    } catch {
      preconditionFailure("a part of a batch is as well formed as the whole: \(error)")
    }
  }
}
