import Glibc

/// Starts a thread that ends when `body` returns; stops the program if the system refuses one.
///
/// - Parameter body: What the thread does.
package func startThread(_ body: @escaping @Sendable () -> Void) {
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
  precondition(result == 0, "the system refused to start a thread (error \(result))")
  pthread_detach(thread)
}
