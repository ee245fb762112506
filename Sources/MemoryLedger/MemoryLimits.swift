/// The most bytes that may stand at once: in total, and of each category.
///
/// Limits are about requested bytes. Exactly the limit is allowed.
public struct MemoryLimits: Sendable {
  private var categories: InlineArray<7, Int>

  /// The most bytes of all categories together; nil is no limit.
  public var total: Int?

  /// Creates limits with nothing said about single categories.
  ///
  /// - Parameter total: The most bytes of all categories together; nil is no limit.
  public init(total: Int? = nil) {
    self.total = total
    categories = InlineArray(repeating: .max)
  }

  /// The most bytes of one category; nil is no limit.
  public subscript(category: MemoryCategory) -> Int? {
    get {
      let limit = categories[category.rawValue]
      return limit == .max ? nil : limit
    }
    set { categories[category.rawValue] = newValue ?? .max }
  }
}
