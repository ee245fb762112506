import Kernels

extension BenchmarkLayer {
  /// The layers that the engine is judged by.
  ///
  /// What networks spend their time in (3×3 and 1×1), and what is hard to do well: strides, few
  /// channels, groups, three axes, dilation. All maps are padded so that, but for the stride, the
  /// output is as large as the input.
  public static let table: [BenchmarkLayer] = [
    layer("3x3-56x56-64-64", map: 56, kernel: 3, channels: (64, 64)),
    layer("3x3-28x28-128-128", map: 28, kernel: 3, channels: (128, 128)),
    layer("3x3-14x14-256-256", map: 14, kernel: 3, channels: (256, 256)),
    layer("1x1-56x56-256-64", map: 56, kernel: 1, channels: (256, 64)),
    layer("1x1-56x56-64-256", map: 56, kernel: 1, channels: (64, 256)),
    layer("3x3-stride2-56x56-64-128", map: 56, kernel: 3, channels: (64, 128), stride: 2),
    layer("7x7-stride2-224x224-3-64", map: 224, kernel: 7, channels: (3, 64), stride: 2),
    layer("3x3-28x28-1-32", batch: 128, map: 28, kernel: 3, channels: (1, 32)),
    layer("3x3-28x28-32-32", batch: 128, map: 28, kernel: 3, channels: (32, 32)),
    layer("5x5-28x28-6-16", batch: 64, map: 28, kernel: 5, channels: (6, 16)),
    layer("3x3-depthwise-28x28-128", map: 28, kernel: 3, channels: (128, 128), groups: 128),
    layer("5x5-depthwise-28x28-128", map: 28, kernel: 5, channels: (128, 128), groups: 128),
    layer("3x3-group16-28x28-128-128", map: 28, kernel: 3, channels: (128, 128), groups: 8),
    layer("3x3x3-32x32x32-16-32", batch: 2, axes: 3, map: 32, kernel: 3, channels: (16, 32)),
    layer("3x3-dilation2-28x28-128-128", map: 28, kernel: 3, channels: (128, 128), dilation: 2),
  ]

  private static func layer(
    _ name: String, batch: Int = 16, axes: Int = 2, map: Int, kernel: Int,
    channels: (input: Int, output: Int), stride: Int = 1, dilation: Int = 1, groups: Int = 1
  ) -> BenchmarkLayer {
    func extent(_ number: Int, depth: Int) -> Extent3 {
      Extent3(depth: axes == 3 ? number : depth, height: number, width: number)
    }
    let padding = extent(kernel / 2 * dilation, depth: 0)
    do {
      return BenchmarkLayer(
        name: name,
        geometry: try ConvolutionGeometry(
          batchSize: batch, inputChannels: channels.input, outputChannels: channels.output,
          groups: groups, inputExtent: extent(map, depth: 1),
          kernelExtent: extent(kernel, depth: 1), stride: extent(stride, depth: 1),
          paddingBefore: padding, paddingAfter: padding, dilation: extent(dilation, depth: 1)))
    } catch {
      preconditionFailure("the table of layers has a mistake: \(error)")
    }
  }
}
