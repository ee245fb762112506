/// Kernels that move parameters along their gradients, each call over one contiguous range.
package protocol OptimizerKernels {
  /// One step of stochastic gradient descent: g = gradient + weightDecay·parameter, velocity ←
  /// momentum·velocity + gradientShare·g, then parameter ← parameter − learningRate·velocity, or
  /// with Nesterov's look ahead parameter − learningRate·(g + momentum·velocity).
  ///
  /// Without memory for the velocity, parameter ← parameter − learningRate·g.
  func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>?, count: Int, _ factors: MomentumFactors)

  /// One step of Adam, where g = gradient + weightDecay·parameter: first ← firstDecay·first +
  /// firstShare·g, second ← secondDecay·second + secondShare·g², then parameter ←
  /// parameterShare·parameter − stepSize·first / (√second·rootFactor + epsilon).
  ///
  /// With memory for it, `largest` ← max(largest, second) takes the place of `second` in the last.
  func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    largest: UnsafeMutablePointer<Float>?, count: Int, _ factors: AdamFactors)

  /// One step of RMSprop, where g = gradient + weightDecay·parameter: square ← decay·square +
  /// share·g², s = g / (√(square + innerEpsilon) + outerEpsilon), velocity ← momentum·velocity +
  /// stepSize·s, then parameter ← parameter − velocitySize·velocity.
  ///
  /// With memory for it, mean ← decay·mean + share·g, and square − mean² takes the place of square in
  /// s. Without memory for the velocity, parameter ← parameter − velocitySize·stepSize·s.
  func rmsPropStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    square: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>?,
    velocity: UnsafeMutablePointer<Float>?, count: Int, _ factors: RMSPropFactors)

  /// average ← decay·average + share·values.
  func moveAverage(
    _ average: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>, count: Int,
    decay: Float, share: Float)
}
