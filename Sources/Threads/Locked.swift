import Glibc

/// A value that one thread at a time uses, and that threads can wait for.
///
/// Does what `Synchronization.Mutex` does, and more. The thread sanitizer does not see that one, whose
/// code is in the Swift runtime, and reports every use of its value as a race; POSIX locks it knows.
@safe
package final class Locked<Value: ~Copyable>: @unchecked Sendable {
  @usableFromInline let lock: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline let changed: UnsafeMutablePointer<pthread_cond_t>
  // The lock makes accesses exclusive, so the runtime need not check that they are.
  @usableFromInline @exclusivity(unchecked) var value: Value

  /// Puts a value under a lock; allocates.
  package init(_ value: consuming Value) {
    unsafe self.value = value
    unsafe lock = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(lock)
    unsafe changed.deallocate()
    unsafe lock.deallocate()
  }

  /// Runs `body` with the value while no other thread has it; must not be nested.
  ///
  /// - Parameter body: What is done with the value, no reference to which may leave it.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  @inlinable
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return try unsafe body(&value)
  }

  /// Runs `attempt` with the value until it returns something: at once, and again after every call of
  /// `wakeWaiting()`.
  ///
  /// - Parameter attempt: Looks for what is waited for; other threads have the value between attempts.
  /// - Returns: What `attempt` found.
  /// - Throws: What `attempt` throws.
  package func waiting<Result, Failure: Error>(
    until attempt: (inout Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    while true {
      if let result = try unsafe attempt(&value) { return result }
      unsafe pthread_cond_wait(changed, lock)
    }
  }

  /// Lets all threads that wait try again.
  package func wakeWaiting() {
    // Under the lock, so that none is between its attempt and its sleep.
    unsafe pthread_mutex_lock(lock)
    unsafe pthread_cond_broadcast(changed)
    unsafe pthread_mutex_unlock(lock)
  }
}
