/// Kernels of convolutions: each call does one task of a plan.
package protocol ConvolutionKernels {
  /// The output channels of one packed panel of weights.
  var panelWidth: Int { get }

  /// Packs one panel: the weights of a group's run of `panelWidth` output channels, and their bias.
  ///
  /// - Parameters:
  ///   - panel: The panel, counted over the groups and in each over its output channels.
  ///   - weights: The weights as the user gave them.
  ///   - bias: The bias, or none.
  ///   - panels: Receives `panelCount` floats over all panels.
  ///   - packedBias: Receives `biasCount` floats over all panels, zeros without a bias.
  func packPanel(
    _ plan: CorrelationPlan, panel: Int, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, panels: UnsafeMutablePointer<Float>,
    packedBias: UnsafeMutablePointer<Float>)

  /// Computes the destination's positions of one task.
  func correlate(
    _ plan: CorrelationPlan, task: Int, source: UnsafePointer<Float>,
    panels: UnsafePointer<Float>, packedBias: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<Float>, accumulate: Bool,
    scratch: UnsafeMutablePointer<Float>)

  /// Computes one task's share of the weight gradient, and of the bias gradient if wanted.
  ///
  /// - Parameters:
  ///   - weightGradient: The gradient, or this task's partial gradient.
  ///   - biasGradient: The gradient, or this task's partial gradient, or none.
  ///   - accumulate: Whether to add to what stands there.
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
