import Glibc

/// A value that one thread at a time uses.
///
/// Does what `Synchronization.Mutex` does. The thread sanitizer does not see that one, whose code is
/// in the Swift runtime, and reports every use of its value as a race; POSIX locks it knows.
@safe
package final class Locked<Value: ~Copyable>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  // The lock makes accesses exclusive, so the runtime need not check that they are.
  @exclusivity(unchecked) private var value: Value

  /// Puts a value under a lock; allocates.
  package init(_ value: consuming Value) {
    unsafe self.value = value
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Runs `body` with the value while no other thread has it; must not be nested.
  ///
  /// - Parameter body: What is done with the value, no reference to which may leave it.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return try unsafe body(&value)
  }
}
