import Files
import Glibc
import Networks

/// Moves values to a file and back, through staging memory and with a thread of its own.
///
/// `store` returns as soon as the last part of a value lies in staging memory; `load` finds parts
/// that were read ahead in the order that was announced. One thread may call at a time.
@safe final class SpillTransfer: @unchecked Sendable {
  private let file: SpillFile
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  // Guarded by the mutex.
  private var staging = SpillStaging()
  /// The staging memory and the bytes of a piece of it: both stay as they are from `begin` to `end`.
  private var memory: UnsafeMutableRawPointer?
  private var pieceByteCount = 0
  private var isBusy = false
  private var isStopping = false

  /// The number of the next part to load; the caller's own.
  private var nextLoad = 0

  /// Starts the background thread, which lives until `stop()`.
  init(file: SpillFile) {
    self.file = file
    unsafe mutex = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<SpillTransfer>.fromOpaque(argument).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(result == 0, "the system refused to start a thread (error \(result))")
    pthread_detach(thread)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Ends the background thread.
  func stop() {
    locked {
      isStopping = true
      unsafe pthread_cond_broadcast(changed)
    }
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
    locked {
      unsafe self.memory = memory
      staging = SpillStaging(byteCount: byteCount, reads: loads)
      pieceByteCount = staging.pieceByteCount
    }
  }

  /// Ends a step: returns when the staging memory is no longer used, and forgets what was stored.
  func end() {
    locked {
      // A job that is under way ends before its piece is forgotten.
      staging.dropJobs()
      while isBusy { unsafe pthread_cond_wait(changed, mutex) }
      staging = SpillStaging()
      unsafe memory = nil
    }
  }

  /// Takes a value; its memory is free when this returns.
  ///
  /// - Throws: `FileFailure` if an earlier part could not be written.
  func store(_ node: NodeID, _ values: UnsafeRawBufferPointer) throws(FileFailure) {
    var start = 0
    for part in locked({ staging.parts(of: node, byteCount: values.count) }) {
      let piece = try wait { $0.takeFree() }
      let range = start..<(start + part.byteCount)
      unsafe place(of: piece, part).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: values[range]))
      start += part.byteCount
      locked {
        staging.write(part, from: piece)
        unsafe pthread_cond_broadcast(changed)
      }
    }
  }

  /// Brings a value back: the next one of those announced.
  ///
  /// - Throws: `FileFailure` if something could not be written or read.
  func load(_ node: NodeID, into values: UnsafeMutableRawBufferPointer) throws(FileFailure) {
    var start = 0
    readAhead()
    for part in locked({ staging.parts(of: node, byteCount: values.count) }) {
      let number = nextLoad
      let piece = try wait { $0.piece(holdingRead: number) }
      let source = unsafe UnsafeRawBufferPointer(place(of: piece, part))
      let range = start..<(start + part.byteCount)
      unsafe UnsafeMutableRawBufferPointer(rebasing: values[range]).copyMemory(from: source)
      start += part.byteCount
      nextLoad += 1
      locked {
        staging.release(piece)
        unsafe pthread_cond_broadcast(changed)
      }
    }
  }

  /// Begins to read ahead, before the first value is wanted.
  func readAhead() {
    locked {
      staging.beginReading()
      unsafe pthread_cond_broadcast(changed)
    }
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
      locked {
        isBusy = false
        staging.finish(job, failure: failure)
        unsafe pthread_cond_broadcast(changed)
      }
    }
  }

  /// Waits for something to do; nil when the thread is to end.
  private func nextJob() -> SpillStaging.Job? {
    locked {
      while !isStopping {
        if let job = staging.takeJob() {
          isBusy = true
          return job
        }
        unsafe pthread_cond_wait(changed, mutex)
      }
      return nil
    }
  }

  /// Waits until `take` finds a piece.
  private func wait(_ take: (inout SpillStaging) -> Int?) throws(FileFailure) -> Int {
    let result = locked { () -> Result<Int, FileFailure> in
      while true {
        if let failure = staging.failure { return .failure(failure) }
        if let piece = take(&staging) { return .success(piece) }
        unsafe pthread_cond_wait(changed, mutex)
      }
    }
    return try result.get()
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }

  private func place(of piece: Int, _ part: SpillStaging.Part) -> UnsafeMutableRawBufferPointer {
    guard let memory = unsafe memory else {
      preconditionFailure("values are spilled outside a step")
    }
    return unsafe UnsafeMutableRawBufferPointer(
      start: memory + piece * pieceByteCount, count: part.byteCount)
  }
}
