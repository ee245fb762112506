import Synchronization

/// The names of what has been read of a case, whoever read it.
final class ReadRecord: Sendable {
  private let names = Mutex<Set<String>>([])

  func insert(_ name: String) {
    names.withLock { _ = $0.insert(name) }
  }

  func contains(_ name: String) -> Bool {
    names.withLock { $0.contains(name) }
  }
}
