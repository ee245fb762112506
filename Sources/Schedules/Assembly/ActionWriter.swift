import MemoryLedger
import Networks

/// Writes the actions of a schedule down as the rules of memory tell them.
struct ActionWriter: MemoryFollower {
  /// One piece of memory, whose category is known only when all that it will hold is.
  private struct Piece {
    var category: MemoryCategory
    var owner: NodeID
  }

  private struct Draft {
    var deeds: [Action.Deed] = []
    var creates: [(item: Item, piece: Int)] = []
    var handsOver: [Action.HandOver] = []
    var releases: [Item] = []
    var scratchByteCount = 0
  }

  private let facts: MemoryFacts
  private let readings: Readings
  private var pieces: [Piece] = []
  /// For every item that is in memory, the piece that holds it.
  private var pieceOfItem: [Int]
  private var drafts: [Draft] = []
  /// The action that is under way.
  private var draft = Draft()
  /// The items whose memory is given back behind it.
  private var released: [Item] = []
  /// The first value that goes to a file: staging memory is counted for it.
  private var firstSpilled: NodeID?

  init(_ facts: MemoryFacts, _ readings: Readings) {
    self.facts = facts
    self.readings = readings
    pieceOfItem = Array(repeating: -1, count: facts.itemCount)
  }

  /// All actions, when the walk is done.
  var actions: [Action] {
    drafts.map { draft in
      Action(
        draft.deeds,
        creates: draft.creates.map { item, piece in
          Action.Creation(
            item: item, category: pieces[piece].category, owner: pieces[piece].owner)
        },
        handsOver: draft.handsOver, releases: draft.releases,
        scratchByteCount: draft.scratchByteCount)
    }
  }

  mutating func run(_ deed: MemoryDeed) {
    let derived = facts.network.parameterTable.derived
    switch deed {
    case .forward(let node): draft.deeds.append(.forward(node))
    case .recompute(let node): draft.deeds.append(.recompute(node))
    case .backward(let node): draft.deeds.append(.backward(node))
    case .invert(let node): draft.deeds.append(.invert(node))
    case .derive(let index): draft.deeds.append(.derive(derived[index].node, index))
    case .propagate(let index): draft.deeds.append(.propagate(derived[index].node, index))
    }
  }

  mutating func encode(_ value: NodeID, _ encoding: Readings.Encoding) {
    draft.deeds.append(.encode(value, encoding.representation))
    if encoding.stagingByteCount > 0, firstSpilled == nil { firstSpilled = value }
  }

  mutating func decode(_ value: NodeID, _ encoding: Readings.Encoding) {
    draft.deeds.append(.decode(value, encoding.representation))
  }

  mutating func take(_ number: Int, byteCount: Int, for purpose: MemoryPurpose) {
    let item: Item
    if let firstSpilled, number == facts.staging {
      item = .staging(firstSpilled, byteCount: byteCount)
    } else {
      item = self.item(number)
    }
    pieces.append(Piece(category: purpose.category, owner: item.node))
    pieceOfItem[number] = pieces.count - 1
    draft.creates.append((item, pieces.count - 1))
  }

  mutating func handOver(_ number: Int, to successor: Int, isHeld: Bool) {
    let item = item(successor)
    let piece = pieceOfItem[number]
    pieceOfItem[successor] = piece
    draft.handsOver.append(Action.HandOver(from: self.item(number), to: item))
    // It counts for the first of its items that is held.
    if isHeld, pieces[piece].category == .transient {
      pieces[piece] = Piece(category: .activations, owner: item.node)
    }
  }

  mutating func endAction(scratchByteCount: Int) {
    draft.scratchByteCount = scratchByteCount
    drafts.append(draft)
    draft = Draft()
  }

  mutating func giveBack(_ number: Int, byteCount: Int) {
    if let firstSpilled, number == facts.staging {
      released.append(.staging(firstSpilled, byteCount: byteCount))
    } else {
      released.append(item(number))
    }
  }

  mutating func endRelease() {
    guard !released.isEmpty else { return }
    drafts.append(Draft(deeds: [.release], releases: released))
    released = []
  }

  private func item(_ number: Int) -> Item {
    guard let value = facts.encodedValue(number) else { return facts.items[number] }
    return .encoded(value, readings.encoding(number).representation)
  }
}

extension MemoryPurpose {
  fileprivate var category: MemoryCategory {
    switch self {
    case .held: .activations
    case .passing: .transient
    case .parameter: .parameters
    case .parameterGradient: .parameterGradients
    }
  }
}
