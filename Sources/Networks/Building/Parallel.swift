/// A branch of a `Parallel` block: layers one after the other, or the value itself if there are none.
public struct Branch: Sendable {
  let name: String?
  let layers: Sequential

  /// Creates a branch.
  ///
  /// - Parameters:
  ///   - name: What the names of its layers begin with; nil for nothing.
  ///   - layers: The layers; none for the value itself.
  public init(
    _ name: String? = nil, @LayerBuilder _ layers: () -> [any Layer] = { [] }
  ) {
    self.name = name
    self.layers = Sequential(layers())
  }
}

/// Collects the branches of a block, one a line.
@resultBuilder
public enum BranchBuilder {
  /// A branch.
  public static func buildExpression(_ branch: Branch) -> [Branch] { [branch] }
  /// The lines of a block.
  public static func buildBlock(_ lines: [Branch]...) -> [Branch] { lines.flatMap { $0 } }
  /// A loop.
  public static func buildArray(_ rounds: [[Branch]]) -> [Branch] { rounds.flatMap { $0 } }
  /// A condition without alternative.
  public static func buildOptional(_ branches: [Branch]?) -> [Branch] { branches ?? [] }
  /// A condition's first branch.
  public static func buildEither(first branches: [Branch]) -> [Branch] { branches }
  /// A condition's second branch.
  public static func buildEither(second branches: [Branch]) -> [Branch] { branches }
}

/// What several branches make of the same value, joined.
///
///     Parallel(.concatenating) {
///       Branch("narrow") { Convolution(1, channels: 16) }
///       Branch("wide") { Convolution(5, channels: 16, padding: 2) }
///       Branch()                                       // the value itself
///     }
public struct Parallel: Layer {
  /// How the results of branches become one value.
  public enum Join: Hashable, Sendable {
    /// Their sum; they have the same shape.
    case adding
    /// Their channels one after the other; they have the same extents.
    case concatenating
    /// Their product; they have the same shape, or one is a vector or a map of one channel (`Multiply`).
    case multiplying
  }

  private let join: Join
  private let branches: [Branch]

  /// Creates a block of branches.
  ///
  /// - Parameters:
  ///   - join: How their results become one value; more than two are added or multiplied in order.
  ///   - branches: The branches.
  public init(_ join: Join, @BranchBuilder branches: () -> [Branch]) {
    self.join = join
    self.branches = branches()
  }

  /// Adds all branches and their join; a name becomes the prefix of all their names.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    guard let name else { return try buildAll(&graph, after: input) }
    return try graph.group(name) { graph throws(NetworkError) in
      try buildAll(&graph, after: input)
    }
  }

  private func buildAll(
    _ graph: inout GraphBuilder, after input: NodeID
  ) throws(NetworkError) -> NodeID {
    var results: [NodeID] = []
    for branch in branches {
      results.append(try branch.layers.build(in: &graph, after: input, name: branch.name))
    }
    switch join {
    case .concatenating: return try graph.add(Concatenation(), inputs: results)
    case .adding: return try joined(results, by: Add(), &graph)
    case .multiplying: return try joined(results, by: Multiply(), &graph)
    }
  }

  private func joined(
    _ values: [NodeID], by operation: any NetworkOperation, _ graph: inout GraphBuilder
  ) throws(NetworkError) -> NodeID {
    // With a single value the operation itself says how many it reads.
    guard let first = values.first, values.count > 1 else {
      return try graph.add(operation, inputs: values)
    }
    var value = first
    for other in values.dropFirst() { value = try graph.add(operation, inputs: [value, other]) }
    return value
  }
}
