import Kernels
import Networks
import Testing

/// What pooling, transposed convolution, resampling and moving data refuse, each with a sentence.
@Suite struct MovingShapeTests {
  private static let map = Shape(6, 8, channels: 12)
  private static let huge = 1 << 62

  @Test(arguments: [
    // Vectors.
    (MaxPooling(2) as any NetworkOperation, Shape(channels: 3)),
    (AveragePooling.adaptive(to: 2), Shape(channels: 3)), (MaxPooling.global, Shape(channels: 3)),
    (TransposedConvolution(2, channels: 4), Shape(channels: 3)),
    (Resampling(size: 2), Shape(channels: 3)), (PixelShuffle(2), Shape(channels: 4)),
    (PixelUnshuffle(1), Shape(channels: 4)), (Padding(1), Shape(channels: 4)),
    // Numbers out of range, and products that overflow.
    (MaxPooling(2, dilation: 0), map), (MaxPooling(2, padding: 8, dilation: 9), map),
    (MaxPooling(AxisValues([huge])), map), (AveragePooling(2, stride: AxisValues([huge])), map),
    (MaxPooling(AxisValues([1 << 31]), padding: AxisValues([(1 << 31) - 1])), map),
    (MaxPooling([1 << 15, 1 << 15], stride: 1, padding: [32_767, 32_767]), map),
    (AveragePooling.adaptive(to: 0), map), (MaxPooling.adaptive(to: AxisValues([huge])), map),
    (MaxPooling.adaptive(to: [1, 2, 3]), map),
    (TransposedConvolution(AxisValues([huge]), channels: 4), map),
    (TransposedConvolution(2, channels: 4, stride: AxisValues([huge])), map),
    (TransposedConvolution(2, channels: huge, stride: 2), map),
    (TransposedConvolution(2, channels: 4, padding: 4), map),
    (TransposedConvolution(2, channels: 4, stride: 2, outputPadding: 2), map),
    (TransposedConvolution(2, channels: 4, outputPadding: 1, dilation: 2), map),
    (TransposedConvolution(2, channels: 4, groups: 8), map),
    (TransposedConvolution(2, channels: 4, groups: 0), map),
    (Resampling(size: 0), map), (Resampling(size: [1, 2, 3]), map),
    (Resampling(size: AxisValues([huge])), map), (Resampling(scales: []), map),
    (Resampling(scales: [0]), map), (Resampling(scales: [.nan]), map),
    (Resampling(scales: [.infinity]), map), (Resampling(scales: [0.1]), map),
    (Resampling(scales: [1e300]), map), (PixelShuffle(5), map), (PixelShuffle(0), map),
    (PixelShuffle(AxisValues([huge])), map), (PixelUnshuffle(4), map),
    (Padding(-1), map), (Padding(6, mode: .reflect), map), (Padding(AxisValues([huge])), map),
    (ChannelPadding(before: -1, after: 0), map), (ChannelPadding(after: huge), map),
    (ChannelShuffle(groups: 5), map), (ChannelShuffle(groups: 0), map),
    (ChannelSlice(from: 0, to: 13), map), (ChannelSlice(from: 3, to: 3), map),
    (ChannelSlice(from: -1, to: 3), map), (ChannelSlice(from: 0, to: 3, step: 0), map),
    // Two inputs are one too many anywhere.
  ])
  func whatDoesNotFitIsRefused(operation: any NetworkOperation, input: Shape) {
    let error = #expect(throws: ShapeError.self) { try operation.outputShape(for: [input]) }
    #expect((error?.reason.count ?? 0) > 20)
    #expect(throws: ShapeError.self) { try operation.outputShape(for: [input, input]) }
  }

  @Test(arguments: [[], [4], [6, 7], [13], [12, 0], [-1, 13], [Int.max, Int.max]])
  func aSplitTakesAllChannels(sizes: [Int]) throws {
    var graph = try GraphBuilder(name: "split", input: Self.map)
    let error = #expect(throws: NetworkError.self) {
      try graph.split(Network.input, sizes: sizes, name: "halves")
    }
    #expect(error.map { "\($0)".contains("halves") } == true)
  }

  /// An output padding as large as the stride is possible where as much padding is cut off.
  @Test func outputPaddingReachesBeyondTheStrideWithPadding() throws {
    let operation = TransposedConvolution(
      3, channels: 4, padding: 2, outputPadding: 1, dilation: 2)
    #expect(try operation.outputShape(for: [Self.map]) == Shape(7, 9, channels: 4))
  }

  @Test func onlyWhatStaysAboveZeroSaysSo() {
    #expect(Padding(1, mode: .constant(2)).keepsNonNegative)
    #expect(!Padding(1, mode: .constant(-2)).keepsNonNegative)
    #expect(!TransposedConvolution(2, channels: 4).keepsNonNegative)
  }
}
