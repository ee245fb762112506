/// A network that cannot be: which layer is wrong, and why.
public struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the layer, or of the network when no single layer is to blame.
  public let layer: String
  /// What is wrong, and what would be right, in one sentence without the layer's name.
  public let reason: String

  /// Creates an error.
  public init(layer: String, reason: String) {
    self.layer = layer
    self.reason = reason
  }

  /// One sentence that names the layer.
  public var description: String { "\(layer): \(reason)" }
}

/// Inputs that an operation cannot take, in one sentence; the builder adds the layer's name.
public struct ShapeError: Error, Hashable, Sendable {
  /// What is wrong, and what would be right.
  public let reason: String

  /// Creates an error.
  public init(_ reason: String) {
    self.reason = reason
  }
}
