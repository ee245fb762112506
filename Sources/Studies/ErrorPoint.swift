/// One error of the study of errors: of which gradient it is.
public struct ErrorCell: Hashable, Sendable {
  /// The kind of method, such as `quantisation`.
  public let method: String
  /// The strategy, as it is spelled.
  public let strategy: String
  /// The number of samples of a step.
  public let batchSize: Int

  /// Creates a cell.
  public init(method: String, strategy: String, batchSize: Int) {
    self.method = method
    self.strategy = strategy
    self.batchSize = batchSize
  }
}

/// What one way of saving memory keeps of a step, and how far its gradient is from the exact one.
public struct ErrorPoint: Hashable, Sendable {
  /// Which gradient.
  public let cell: ErrorCell
  /// The bytes of activations at the end of the forward pass.
  public let savedByteCount: Int
  /// The highest bytes of activations, transients and workspace.
  public let activationPeakByteCount: Int
  /// √(E‖ĝ − g‖²) / ‖g‖ over all parameters, ĝ being what the method computes and g the exact
  /// gradient of the whole batch; 0 for exact methods.
  public let relativeError: Double

  /// The kind of method, such as `quantisation`.
  public var method: String { cell.method }
  /// The strategy, as it is spelled.
  public var strategy: String { cell.strategy }
  /// The number of samples of a step.
  public var batchSize: Int { cell.batchSize }

  /// Creates a point, such as one that was read from a file.
  public init(
    cell: ErrorCell, savedByteCount: Int, activationPeakByteCount: Int, relativeError: Double
  ) {
    self.cell = cell
    self.savedByteCount = savedByteCount
    self.activationPeakByteCount = activationPeakByteCount
    self.relativeError = relativeError
  }
}
