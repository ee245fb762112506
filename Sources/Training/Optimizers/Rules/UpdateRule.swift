import Kernels

/// How a gradient moves a parameter, and what is remembered of it from step to step.
protocol UpdateRule {
  /// What each number that is kept of a parameter starts at: as many as the rule keeps.
  var startingStates: [Float] { get }

  /// The canonical spelling, which can be read back; what is usual is left out.
  var spelling: String { get }

  /// Moves one parameter along its gradient; allocates nothing and cannot fail.
  func update(_ step: UpdateStep)
}

/// One parameter in one step: where its numbers are, and what the step is made with.
@safe struct UpdateStep {
  /// Runs the kernels.
  let engine: Engine
  /// `count` elements.
  let parameters: UnsafeMutablePointer<Float>
  /// `count` elements.
  let gradients: UnsafePointer<Float>
  /// As many as the rule keeps, of `count` elements each.
  let states: [FloatBuffer]
  /// The number of elements.
  let count: Int
  /// The length of the step.
  let learningRate: Float
  /// The share of the parameter that decays; 0 for one that does not.
  let weightDecay: Float
  /// The number of the step, from 1.
  let number: Int
}
