/// Reversible blocks: two streams, to each of which a function of the other is added in turn,
/// y₁ = x₁ + F(x₂), y₂ = x₂ + G(y₁), so that inputs follow from outputs (Gomez and others 2017, arXiv
/// 1707.04585, section 3).
///
/// The streams come from two stems instead of halves of one, and are added behind the last block.
public struct ReversibleStages: Layer {
  private let width: Int
  private let blocksPerStage: [Int]

  /// Creates stages.
  ///
  /// - Parameters:
  ///   - width: The channels of each stream in the first stage; every other has twice as many as the
  ///     one before, and half the extent.
  ///   - blocksPerStage: The blocks of each stage.
  public init(width: Int, blocksPerStage: [Int]) {
    self.width = width
    self.blocksPerStage = blocksPerStage
  }

  /// Adds both streams, and their sum behind the last block.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    var streams = [input, input]
    var block = 0
    for (stage, count) in blocksPerStage.enumerated() {
      for (index, letter) in ["a", "b"].enumerated() {
        streams[index] = try entry(stage).build(
          in: &graph, after: streams[index], name: "stage\(stage + 1)\(letter)")
      }
      for _ in 0..<count {
        block += 1
        for index in 0...1 {
          let function = try branch(stage).build(
            in: &graph, after: streams[1 - index], name: "block\(block)\(["f", "g"][index])")
          streams[index] = try graph.add(
            Add(), inputs: [streams[index], function],
            name: "block\(block)y\(index + 1)")
        }
      }
    }
    return try graph.add(Add(), inputs: streams, name: "sum")
  }

  /// What begins a stage in each stream; it cannot be reversed.
  private func entry(_ stage: Int) -> Sequential {
    Sequential([
      Convolution(
        3, channels: width << stage, stride: stage == 0 ? 1 : 2, padding: 1, bias: false),
      BatchNormalization(), ReLU(),
    ])
  }

  /// F or G.
  private func branch(_ stage: Int) -> Sequential {
    Sequential([
      Convolution(3, channels: width << stage, padding: 1, bias: false), BatchNormalization(),
      ReLU(), Convolution(3, channels: width << stage, padding: 1, bias: false),
      BatchNormalization(),
    ])
  }
}
