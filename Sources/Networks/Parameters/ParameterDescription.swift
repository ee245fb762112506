/// What an operation says of one of its parameters or running statistics.
public struct ParameterDescription: Hashable, Sendable {
  /// Where the starting values come from.
  public enum Initializer: Hashable, Sendable {
    /// All elements have this value.
    case constant(Float)
    /// Uniform between plus and minus √(6 / fan-in): He and others 2015, arXiv 1502.01852.
    case heUniform(fanIn: Int)
    /// Uniform between plus and minus 1 / √fan-in.
    case uniform(fanIn: Int)
  }

  /// What its axes mean, so that it can be written in other frameworks' order.
  public enum Layout: Hashable, Sendable {
    /// One axis.
    case vector
    /// (spatial…, input channels of a group, output channels).
    case convolution
    /// (inputs, outputs).
    case linear
  }

  /// The name within the operation, such as `w`.
  public let name: String
  /// The extents of its axes, the outermost first.
  public let shape: [Int]
  /// What the axes mean.
  public let layout: Layout
  /// Where the starting values come from.
  public let initializer: Initializer

  /// Creates a description.
  public init(name: String, shape: [Int], layout: Layout, initializer: Initializer) {
    self.name = name
    self.shape = shape
    self.layout = layout
    self.initializer = initializer
  }

  /// The number of floats.
  public var elementCount: Int { shape.reduce(1, *) }

  /// The bytes of its values.
  public var byteCount: Int { elementCount * MemoryLayout<Float>.stride }
}
