/// The network's input: the data, which nobody computes.
struct Input: NetworkOperation {
  let shape: Shape

  var kind: String { "input" }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { shape }

  func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  func forward(_ pass: ForwardPass) {}

  func backward(_ pass: BackwardPass) {}
}
