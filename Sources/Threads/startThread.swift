import Glibc

/// A thread that the system refused to start, mostly for want of memory for its stack.
package struct ThreadRefused: Error {
  /// The system's number for the reason.
  package let code: Int32

  /// The system's words for the reason.
  package var reason: String { unsafe String(cString: strerror(code)).lowercased() }
}

/// Starts a thread that ends when `body` returns.
///
/// - Parameter body: What the thread does.
/// - Throws: `ThreadRefused` if the system refuses a thread.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(ThreadRefused) {
  final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let start = unsafe Unmanaged.passRetained(Start(body))
  var thread = pthread_t()
  let result = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  guard result == 0 else {
    unsafe start.release()
    throw ThreadRefused(code: result)
  }
  pthread_detach(thread)
}
