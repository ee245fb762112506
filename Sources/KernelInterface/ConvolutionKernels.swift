/// Kernels of convolutions: each call does one task of a plan.
package protocol ConvolutionKernels {
  /// The output channels of one packed panel of weights.
  var panelWidth: Int { get }

  /// Packs one panel of a slice: the weights of a group's run of `panelWidth` output channels, and
  /// their bias.
  ///
  /// Panels are counted over the slice's groups and in each over its output channels. Over all
  /// panels, `panels` receives up to `panelCount` floats and `packedBias` `biasCount`, zeros without
  /// a bias.
  func packPanel(
    _ plan: CorrelationPlan, slice: WeightSlice, panel: Int, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, panels: UnsafeMutablePointer<Float>,
    packedBias: UnsafeMutablePointer<Float>)

  /// Computes what a slice of the weights gives to the destination's positions of one task.
  func correlate(
    _ plan: CorrelationPlan, slice: WeightSlice, task: Int, source: UnsafePointer<Float>,
    panels: UnsafePointer<Float>, packedBias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>)

  /// Computes the destination's positions of one task of a depthwise pass.
  func correlateDepthwise(
    _ plan: CorrelationPlan, task: Int, source: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool)

  /// Computes one task's share of a depthwise weight gradient, into partial gradients.
  func correlateDepthwiseWeights(
    _ plan: WeightGradientPlan, task: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?)

  /// Computes one task's share of the weight gradient, and of the bias gradient if wanted.
  ///
  /// Where the plan has several position parts, the gradients are partial ones, a pair for each part.
  func correlateWeights(
    _ plan: WeightGradientPlan, task: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>)

  /// Sums `parts` arrays of `count` floats that lie `distance` floats apart, in this order.
  func sumParts(
    _ source: UnsafePointer<Float>, parts: Int, distance: Int,
    into destination: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool)
}
