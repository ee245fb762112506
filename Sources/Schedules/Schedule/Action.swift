import MemoryLedger
import Networks

/// One action of a schedule: what is done, and what happens to memory.
///
/// While it runs, what it creates and its scratch stand in memory together with everything that
/// was there before.
public struct Action: Hashable, Sendable {
  /// What an action does.
  public enum Deed: Hashable, Sendable {
    /// Runs a node's forward pass for the first time.
    case forward(NodeID)
    /// Runs a node's forward pass again, because its products were not kept.
    case recompute(NodeID)
    /// Writes a node's value in another representation.
    case encode(NodeID, Representation)
    /// Rebuilds a node's value from another representation.
    case decode(NodeID, Representation)
    /// Runs a node's backward pass.
    case backward(NodeID)
    /// Recovers an input of a node from its output.
    case invert(NodeID)
    /// Computes a derived parameter, by its index in the table; the node brought it.
    case derive(NodeID, Int)
    /// Computes the gradients of what a parameter is derived from.
    case propagate(NodeID, Int)
    /// Gives memory back.
    case release
  }

  /// A new piece of memory.
  public struct Creation: Hashable, Sendable {
    /// What it holds first.
    public let item: Item
    /// The category that it is counted in.
    public let category: MemoryCategory
    /// The node that it is counted for.
    public let owner: NodeID
  }

  /// An item whose memory another one takes over.
  public struct HandOver: Hashable, Sendable {
    /// The item that ends.
    public let from: Item
    /// The item that takes its place.
    public let to: Item
  }

  /// What is done, in order; several are done in one pass over memory (`Fusion`).
  public let deeds: [Deed]
  /// The memory that is taken first.
  public let creates: [Creation]
  /// The memory that changes hands while the action runs.
  public let handsOver: [HandOver]
  /// The memory that is given back.
  public let releases: [Item]
  /// The bytes of scratch, granted while the action runs.
  public let scratchByteCount: Int

  package init(
    _ deeds: [Deed], creates: [Creation] = [], handsOver: [HandOver] = [], releases: [Item] = [],
    scratchByteCount: Int = 0
  ) {
    self.deeds = deeds
    self.creates = creates
    self.handsOver = handsOver
    self.releases = releases
    self.scratchByteCount = scratchByteCount
  }

  /// The node that the action works on first; nil for a release.
  public var node: NodeID? { deeds.first?.node }

  /// The first deed in one word, as reports and the ledger's phases name it.
  public var name: StaticString { deeds.first?.name ?? "nothing" }
}

extension Action.Deed {
  /// The node that it works on; nil for a release.
  public var node: NodeID? {
    switch self {
    case .forward(let node), .recompute(let node), .encode(let node, _), .decode(let node, _),
      .backward(let node), .invert(let node), .derive(let node, _), .propagate(let node, _):
      node
    case .release: nil
    }
  }

  /// Whether it writes a value in another representation or rebuilds it from one.
  public var isCodec: Bool {
    switch self {
    case .encode, .decode: true
    case .forward, .recompute, .backward, .invert, .derive, .propagate, .release: false
    }
  }

  /// Whether it sketches a value.
  package var isSketching: Bool {
    if case .encode(_, .sketch) = self { return true }
    return false
  }

  /// The deed in one word.
  public var name: StaticString {
    switch self {
    case .forward: "forward"
    case .recompute: "recompute"
    case .encode: "encode"
    case .decode: "decode"
    case .backward: "backward"
    case .invert: "invert"
    case .derive: "derive"
    case .propagate: "propagate"
    case .release: "release"
    }
  }
}
