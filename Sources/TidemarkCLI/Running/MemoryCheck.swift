import Tidemark

/// Refuses work that this machine's memory cannot hold, before it is begun.
enum MemoryCheck {
  /// Compares a forecast with what the machine can still give.
  ///
  /// - Throws: `CommandFailure` with the category `overBudget`.
  static func require(_ byteCount: Int, for what: String, advice: String) throws {
    let available = try SystemFacts.availableBytes()
    guard byteCount <= available else {
      throw CommandFailure(
        category: .overBudget,
        description: "\(what) needs \(ByteCount(bytes: byteCount)), and this machine has "
          + "\(ByteCount(bytes: available)) left; \(advice)")
    }
  }
}
