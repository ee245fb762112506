import Networks

/// What is told, action by action, what the passes of a plan do to memory.
///
/// An action's deeds and the memory that it takes and hands over come in the order in which a schedule
/// states them, and its end with the scratch that it works in. What is given back behind it is an
/// action of its own.
protocol MemoryFollower {
  /// A deed of the action that is under way.
  mutating func run(_ deed: MemoryDeed)

  /// A value is written in another representation, with the action that is under way.
  mutating func encode(_ value: NodeID, _ encoding: Readings.Encoding)

  /// A value is rebuilt from another representation.
  mutating func decode(_ value: NodeID, _ encoding: Readings.Encoding)

  /// New memory is taken for an item.
  mutating func take(_ item: Int, byteCount: Int, for purpose: MemoryPurpose)

  /// An item takes over the memory of another one, which ends.
  mutating func handOver(_ item: Int, to successor: Int, isHeld: Bool)

  /// The action is complete.
  mutating func endAction(scratchByteCount: Int)

  /// The memory of an item is given back.
  mutating func giveBack(_ item: Int, byteCount: Int)

  /// All that is given back at once is told.
  mutating func endRelease()
}

/// What an action does; codecs are told apart from it.
enum MemoryDeed {
  case forward(NodeID)
  case recompute(NodeID)
  case backward(NodeID)
  case invert(NodeID)
  case derive(parameter: Int)
  case propagate(parameter: Int)
}

/// What memory is taken for.
enum MemoryPurpose {
  /// What waits for the backward pass.
  case held
  /// What does not wait.
  case passing
  /// A derived parameter.
  case parameter
  /// The gradient of a derived parameter.
  case parameterGradient
}
