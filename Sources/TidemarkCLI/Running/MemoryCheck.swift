import Tidemark

/// Refuses work that this machine, or what it grants the process, cannot hold, before it is begun.
enum MemoryCheck {
  /// Compares a forecast with what the process can still get.
  ///
  /// - Throws: `CommandFailure` with the category `overBudget`.
  static func require(_ byteCount: Int, for what: String, advice: String) throws {
    let available = try SystemFacts.availableBytes()
    guard byteCount <= available else {
      throw CommandFailure(
        category: .overBudget,
        description: "\(what) needs \(ByteCount(bytes: byteCount)), and this process can have "
          + "\(ByteCount(bytes: available)) more; \(advice)")
    }
  }
}
