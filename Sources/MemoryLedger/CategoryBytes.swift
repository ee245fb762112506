/// One number of bytes for each memory category; a plain value that allocates nothing.
public struct CategoryBytes: Equatable, Sendable {
  private var bytes: InlineArray<7, Int>

  /// Creates a value with zero bytes in every category.
  public init() {
    bytes = InlineArray(repeating: 0)
  }

  /// The bytes of one category.
  public subscript(category: MemoryCategory) -> Int {
    get { bytes[category.rawValue] }
    set { bytes[category.rawValue] = newValue }
  }

  /// The sum over all categories.
  public var total: Int { sum(of: .all) }

  /// The sum over the categories of a set.
  public func sum(of categories: MemoryCategorySet) -> Int {
    var sum = 0
    for index in 0..<MemoryCategory.count where categories.rawValue & (1 << index) != 0 {
      sum += bytes[index]
    }
    return sum
  }

  /// Whether both hold the same bytes in every category.
  public static func == (left: Self, right: Self) -> Bool {
    for index in 0..<MemoryCategory.count where left.bytes[index] != right.bytes[index] {
      return false
    }
    return true
  }

  /// The difference of two values, category by category.
  public static func - (left: Self, right: Self) -> Self {
    var difference = Self()
    for index in 0..<MemoryCategory.count {
      difference.bytes[index] = left.bytes[index] - right.bytes[index]
    }
    return difference
  }

  /// Raises each category to at least what `other` holds of it.
  package mutating func raise(to other: Self) {
    for index in 0..<MemoryCategory.count {
      bytes[index] = max(bytes[index], other.bytes[index])
    }
  }
}

extension CategoryBytes: CustomStringConvertible {
  /// The categories that hold anything, as `name bytes`, in their order.
  public var description: String {
    let held = MemoryCategory.allCases.filter { self[$0] != 0 }
    return "[" + held.map { "\($0.name) \(self[$0])" }.joined(separator: ", ") + "]"
  }
}
