import Kernels

extension Node {
  /// The geometry of a convolution or linear layer for a batch; nil for any other operation.
  ///
  /// - Throws: `ShapeError` if the batch makes numbers too large.
  package func convolutionGeometry(
    batchSize: Int
  ) throws(ShapeError) -> ConvolutionGeometry? {
    switch operation {
    case let convolution as Convolution:
      return try convolution.geometry(input: inputShapes[0], batchSize: batchSize)
    case let linear as Linear:
      return try Convolution(1, channels: linear.outputs)
        .geometry(input: Shape(1, channels: inputShapes[0].channels), batchSize: batchSize)
    default:
      return nil
    }
  }
}
