import Files
import Networks
import Threads

/// Moves values to a file and back, through staging memory and with a thread of its own.
///
/// `store` returns as soon as the last part of a value lies in staging memory; `load` finds parts
/// that were read ahead in the order that was announced. One thread may call at a time.
@safe final class SpillTransfer: @unchecked Sendable {
  private struct State {
    var staging = SpillStaging()
    var isBusy = false
    var isStopping = false
  }

  private let file: SpillFile
  private let state = Locked(State())

  /// The staging memory and the bytes of a piece of it: both stay as they are from `begin` to `end`.
  private var memory: UnsafeMutableRawPointer?
  private var pieceByteCount = 0

  /// The number of the next part to load; the caller's own.
  private var nextLoad = 0

  /// Starts the background thread, which lives until `stop()`.
  ///
  /// - Throws: `FileFailure` if the system refuses a thread.
  init(file: SpillFile) throws(FileFailure) {
    self.file = file
    do throws(ThreadRefused) {
      try startThread { self.serve() }
    } catch {
      throw FileFailure(
        category: .overBudget,
        description: "cannot start the thread that spills values: \(error.reason)")
    }
  }

  /// Ends the background thread.
  func stop() {
    change { $0.isStopping = true }
  }

  /// Begins a step.
  ///
  /// - Parameters:
  ///   - memory: Staging memory, until `end()`.
  ///   - byteCount: Its bytes.
  ///   - loads: The values that will be loaded, with their bytes, in order.
  func begin(
    memory: UnsafeMutableRawPointer, byteCount: Int, loads: [(node: NodeID, byteCount: Int)]
  ) {
    nextLoad = 0
    state.withLock { state in
      unsafe self.memory = memory
      state.staging = SpillStaging(byteCount: byteCount, reads: loads)
      pieceByteCount = state.staging.pieceByteCount
    }
  }

  /// Ends a step: returns when the staging memory is no longer used, and forgets what was stored.
  func end() {
    state.waiting { state -> Void? in
      // A job that is under way ends before its piece is forgotten.
      state.staging.dropJobs()
      guard !state.isBusy else { return nil }
      state.staging = SpillStaging()
      unsafe memory = nil
      return ()
    }
  }

  /// Takes a value; its memory is free when this returns.
  ///
  /// - Throws: `FileFailure` if an earlier part could not be written.
  func store(_ node: NodeID, _ values: UnsafeRawBufferPointer) throws(FileFailure) {
    var start = 0
    for part in parts(of: node, byteCount: values.count) {
      let piece = try wait { $0.takeFree() }
      let range = start..<(start + part.byteCount)
      unsafe place(of: piece, part).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: values[range]))
      start += part.byteCount
      change { $0.staging.write(part, from: piece) }
    }
  }

  /// Brings a value back: the next one of those announced.
  ///
  /// - Throws: `FileFailure` if something could not be written or read.
  func load(_ node: NodeID, into values: UnsafeMutableRawBufferPointer) throws(FileFailure) {
    var start = 0
    readAhead()
    for part in parts(of: node, byteCount: values.count) {
      let number = nextLoad
      let piece = try wait { $0.piece(holdingRead: number) }
      let source = unsafe UnsafeRawBufferPointer(place(of: piece, part))
      let range = start..<(start + part.byteCount)
      unsafe UnsafeMutableRawBufferPointer(rebasing: values[range]).copyMemory(from: source)
      start += part.byteCount
      nextLoad += 1
      change { $0.staging.release(piece) }
    }
  }

  /// Begins to read ahead, before the first value is wanted.
  func readAhead() {
    change { $0.staging.beginReading() }
  }

  // MARK: Threads

  private func serve() {
    while let job = nextJob() {
      var failure: FileFailure?
      do throws(FileFailure) {
        switch job {
        case .write(let part, let piece):
          try unsafe file.write(UnsafeRawBufferPointer(place(of: piece, part)), at: part.fileOffset)
        case .read(let part, let piece, _):
          try unsafe file.read(place(of: piece, part), at: part.fileOffset)
        }
      } catch {
        failure = error
      }
      change { state in
        state.isBusy = false
        state.staging.finish(job, failure: failure)
      }
    }
  }

  /// Waits for something to do; nil when the thread is to end.
  private func nextJob() -> SpillStaging.Job? {
    state.waiting { state -> SpillStaging.Job?? in
      if state.isStopping { return .some(nil) }
      guard let job = state.staging.takeJob() else { return nil }
      state.isBusy = true
      return job
    }
  }

  /// Waits until `take` finds a piece.
  private func wait(_ take: (inout SpillStaging) -> Int?) throws(FileFailure) -> Int {
    try state.waiting { state throws(FileFailure) -> Int? in
      if let failure = state.staging.failure { throw failure }
      return take(&state.staging)
    }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock(body)
    state.wakeWaiting()
  }

  private func parts(of node: NodeID, byteCount: Int) -> [SpillStaging.Part] {
    state.withLock { $0.staging.parts(of: node, byteCount: byteCount) }
  }

  private func place(of piece: Int, _ part: SpillStaging.Part) -> UnsafeMutableRawBufferPointer {
    guard let memory = unsafe memory else {
      preconditionFailure("values are spilled outside a step")
    }
    return unsafe UnsafeMutableRawBufferPointer(
      start: memory + piece * pieceByteCount, count: part.byteCount)
  }
}
