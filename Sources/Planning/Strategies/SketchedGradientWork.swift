import KernelInterface
import Networks

/// What the weight gradients that read a map cost from a sketch, beside the exact ones.
struct SketchedGradientWork {
  /// The pixels of the map.
  let pixelCount: Int
  /// The input channels of a group, of the convolutions that read the map.
  let channels: Double
  /// The output pixels of these convolutions; fewer than the map has where windows step over pixels.
  let outputPixels: Double

  /// What a fold adds for each pixel and tap, in multiplications for one input channel: measured on
  /// maps of 7 to 28 pixels a side, copies and random numbers included.
  private static let foldingCost = 4.0

  /// The arithmetic of a sketched gradient over that of the exact one.
  ///
  /// For each tap and output channel the exact gradient takes a multiplication for every input channel
  /// and output pixel, the sketched one for every input channel and bucket, and the fold of the map.
  func share(buckets: Int) -> Double {
    (Double(buckets) + Self.foldingCost * Double(pixelCount) / channels) / outputPixels
  }
}

extension Network {
  /// The convolutions and linear layers that read a value, for one sample.
  func convolutions(reading value: NodeID) -> [ConvolutionGeometry] {
    readers[value].compactMap { (try? nodes[$0].convolutionGeometry(batchSize: 1)) ?? nil }
  }

  /// What gradients cost that are estimated from a value, all readers together, each weighted with its
  /// taps and output channels.
  func sketchedGradientWork(of value: NodeID) -> SketchedGradientWork {
    let shape = nodes[value].outputShape
    var (weight, channels, outputPixels) = (0.0, 0.0, 0.0)
    for geometry in convolutions(reading: value) {
      let own = Double(geometry.kernelExtent.volume * geometry.outputChannels)
      weight += own
      channels += own * Double(geometry.groupInputChannels)
      outputPixels += own * Double(geometry.outputExtent.volume)
    }
    guard weight > 0 else {
      return SketchedGradientWork(
        pixelCount: shape.pixelCount, channels: Double(shape.channels),
        outputPixels: Double(shape.pixelCount))
    }
    return SketchedGradientWork(
      pixelCount: shape.pixelCount, channels: channels / weight,
      outputPixels: outputPixels / weight)
  }
}
