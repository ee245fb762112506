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
    /// (spatial…, output channels of a group, input channels).
    case transposedConvolution
    /// (inputs, outputs).
    case linear
  }

  /// What it does to the values that pass, by which it can be decayed or projected.
  public enum Role: Hashable, Sendable, CaseIterable {
    /// It is multiplied with values and summed over.
    case weights
    /// It is added to the sums of weights.
    case bias
    /// It multiplies each value of a channel.
    case scale
    /// It is added to each value of a channel that has been scaled.
    case shift
    /// It follows statistics of the values and is not trained.
    case statistic
  }

  /// The name within the operation, such as `w`.
  public let name: String
  /// The extents of its axes, the outermost first.
  public let shape: [Int]
  /// What the axes mean.
  public let layout: Layout
  /// What it does.
  public let role: Role
  /// Where the starting values come from.
  public let initializer: Initializer

  /// Creates a description.
  public init(
    name: String, shape: [Int], layout: Layout, role: Role, initializer: Initializer
  ) {
    self.name = name
    self.shape = shape
    self.layout = layout
    self.role = role
    self.initializer = initializer
  }

  /// The number of floats; a network with this parameter has room for all of them to be counted.
  public var elementCount: Int { shape.reduce(1, *) }

  /// The bytes of its values.
  public var byteCount: Int { elementCount * MemoryLayout<Float>.stride }
}
