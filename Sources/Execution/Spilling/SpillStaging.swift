import Files
import Networks

/// The state of spilling during one step: which pieces of staging memory hold what, and what is
/// still to be written and read.
///
/// Not safe for threads by itself; `SpillTransfer` guards it.
struct SpillStaging {
  /// A part of a value, as large as a piece of staging memory or smaller.
  struct Part {
    let node: NodeID
    let fileOffset: Int
    let byteCount: Int
  }

  /// What a piece of staging memory is used for.
  private enum Piece: Equatable {
    case free
    case filling
    case waitingToBeWritten
    case busy
    case holding(read: Int)
  }

  /// The bytes of one piece.
  let pieceByteCount: Int
  private var pieces: [Piece]
  private var writes: [(piece: Int, part: Part)] = []
  private var reads: [Part] = []
  private var nextRead = 0
  private var isReading = false
  private var offsets: [NodeID: Int] = [:]
  private var end = 0
  /// What went wrong first.
  private(set) var failure: FileFailure?

  /// The most bytes that one system call moves.
  private static let largestPiece = 1 << 20

  /// No staging memory: nothing is spilled.
  init() {
    pieceByteCount = 0
    pieces = []
  }

  /// Divides staging memory.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes of staging memory.
  ///   - reads: The values that will be read, with their bytes, in order.
  init(byteCount: Int, reads: [(node: NodeID, byteCount: Int)]) {
    pieceByteCount = min(Self.largestPiece, byteCount / 2) / 64 * 64
    pieces = Array(repeating: .free, count: byteCount / pieceByteCount)
    for read in reads {
      self.reads += parts(of: read.node, byteCount: read.byteCount)
    }
  }

  /// The parts of a value, the place in the file chosen when it is asked for first.
  mutating func parts(of node: NodeID, byteCount: Int) -> [Part] {
    let start = offsets[node] ?? end
    if offsets[node] == nil {
      offsets[node] = start
      end += byteCount
    }
    return stride(from: 0, to: byteCount, by: pieceByteCount).map { offset in
      Part(
        node: node, fileOffset: start + offset,
        byteCount: min(pieceByteCount, byteCount - offset))
    }
  }

  // MARK: The step's side

  /// A free piece to fill; nil if there is none yet.
  mutating func takeFree() -> Int? {
    guard let piece = pieces.firstIndex(of: .free) else { return nil }
    pieces[piece] = .filling
    return piece
  }

  /// Has a filled piece written.
  mutating func write(_ part: Part, from piece: Int) {
    precondition(!isReading, "a value is spilled after the first one was wanted back")
    pieces[piece] = .waitingToBeWritten
    writes.append((piece, part))
  }

  /// Begins to read ahead; from now on nothing is written.
  mutating func beginReading() { isReading = true }

  /// The piece that holds the read of this number; nil if it has not been read yet.
  func piece(holdingRead read: Int) -> Int? { pieces.firstIndex(of: .holding(read: read)) }

  /// Gives a piece back.
  mutating func release(_ piece: Int) { pieces[piece] = .free }

  // MARK: The background's side

  /// Something to be done in the background.
  enum Job {
    case write(Part, piece: Int)
    case read(Part, piece: Int, number: Int)
  }

  /// The next thing to do: writes come first, since reads may want what they write.
  mutating func takeJob() -> Job? {
    guard failure == nil else { return nil }
    if !writes.isEmpty {
      let (piece, part) = writes.removeFirst()
      pieces[piece] = .busy
      return .write(part, piece: piece)
    }
    guard isReading, nextRead < reads.count, let piece = pieces.firstIndex(of: .free)
    else { return nil }
    pieces[piece] = .busy
    nextRead += 1
    return .read(reads[nextRead - 1], piece: piece, number: nextRead - 1)
  }

  /// Leaves undone what has not been begun.
  mutating func dropJobs() {
    writes = []
    nextRead = reads.count
  }

  /// Notes that a job is done, or what went wrong.
  mutating func finish(_ job: Job, failure: FileFailure?) {
    switch job {
    case .write(_, let piece): pieces[piece] = .free
    case .read(_, let piece, let number): pieces[piece] = .holding(read: number)
    }
    if self.failure == nil { self.failure = failure }
  }
}
