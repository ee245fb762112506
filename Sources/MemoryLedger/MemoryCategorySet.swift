/// A set of memory categories whose bytes are looked at together.
public struct MemoryCategorySet: OptionSet, Hashable, Sendable {
  /// One bit for each category, at the place of its raw value.
  public let rawValue: UInt8

  /// Creates a set from one bit for each category.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Creates the set that holds one category.
  public init(_ category: MemoryCategory) {
    rawValue = 1 << category.rawValue
  }

  /// Only ``MemoryCategory/parameters``.
  public static let parameters = Self(.parameters)
  /// Only ``MemoryCategory/parameterGradients``.
  public static let parameterGradients = Self(.parameterGradients)
  /// Only ``MemoryCategory/optimizerState``.
  public static let optimizerState = Self(.optimizerState)
  /// Only ``MemoryCategory/input``.
  public static let input = Self(.input)
  /// Only ``MemoryCategory/activations``.
  public static let activations = Self(.activations)
  /// Only ``MemoryCategory/transient``.
  public static let transient = Self(.transient)
  /// Only ``MemoryCategory/workspace``.
  public static let workspace = Self(.workspace)

  /// What a step takes and gives back: activations, transient and workspace.
  ///
  /// The highest total of these during a step is the `activation_peak_bytes` of the reports.
  public static let step: Self = [.activations, .transient, .workspace]

  /// Every category.
  public static let all = Self(rawValue: 0b111_1111)

  /// Whether the set holds `category`.
  public func contains(_ category: MemoryCategory) -> Bool {
    rawValue & (1 << category.rawValue) != 0
  }

  /// The names of the members, joined by plus signs; `all` reads "all categories".
  public var name: String {
    if self == .all { return "all categories" }
    return MemoryCategory.allCases.filter { contains($0) }.map(\.name).joined(separator: " + ")
  }
}
