/// Something that an operation's backward pass reads.
public struct ResidualNeed: Hashable, Sendable {
  /// Where it comes from.
  public enum Source: Hashable, Sendable {
    /// The value of the input with this index.
    case input(Int)
    /// The node's own output value.
    case output
    /// What the node's forward pass left behind, by index.
    case own(Int)
  }

  /// Where it comes from.
  public let source: Source
  /// The kinds of representation that the backward pass can read.
  public let accepted: Set<Representation.Kind>

  /// Whether the backward pass can read it, or what is rebuilt from it.
  public func accepts(_ kind: Representation.Kind) -> Bool {
    // What comes back from a file is the value itself.
    accepted.contains(kind) || kind == .spilled && accepted.contains(.whole)
  }

  /// Creates a need.
  public init(_ source: Source, accepted: Set<Representation.Kind> = [.whole]) {
    self.source = source
    self.accepted = accepted
  }
}

/// Something that an operation's forward pass writes besides its output.
public struct OwnResidual: Hashable, Sendable {
  /// What it is, such as `statistics`.
  public let name: String
  /// Its bytes for the whole batch.
  public let byteCount: Int
  /// Whether the forward pass can go without it when no backward pass will read it.
  public let isOptional: Bool
  /// The input whose memory it may take over, if nobody reads that input again.
  public let mayOverwriteInput: Int?

  /// Creates a residual.
  public init(
    name: String, byteCount: Int, isOptional: Bool, mayOverwriteInput: Int? = nil
  ) {
    self.name = name
    self.byteCount = byteCount
    self.isOptional = isOptional
    self.mayOverwriteInput = mayOverwriteInput
  }
}
