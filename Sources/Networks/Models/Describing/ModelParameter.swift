/// One thing in which the models of a family differ, such as their depth.
public struct ModelParameter: Sendable {
  /// What it is called, as in `width=0.5`.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// What it may be set to.
  public let permitted: PermittedValues
  /// What it is unless given, in words; nil for what has to be given.
  public let usualSummary: String?

  /// What it is unless given, which may follow from the parameters before it.
  let usual: @Sendable (ModelSettings) -> ModelParameterValue?

  /// Creates a parameter that has to be given.
  init(required name: String, _ summary: String, _ permitted: PermittedValues) {
    self.name = name
    self.summary = summary
    self.permitted = permitted
    usualSummary = nil
    usual = { _ in nil }
  }

  /// Creates a parameter that is always the same unless given.
  init(
    _ name: String, _ summary: String, _ permitted: PermittedValues, usual: ModelParameterValue
  ) {
    self.init(name, summary, permitted, usual: permitted.spelling(of: usual)) { _ in usual }
  }

  /// Creates a parameter whose usual value follows from the parameters before it.
  init(
    _ name: String, _ summary: String, _ permitted: PermittedValues, usual usualSummary: String,
    from settings: @escaping @Sendable (ModelSettings) -> ModelParameterValue
  ) {
    self.name = name
    self.summary = summary
    self.permitted = permitted
    self.usualSummary = usualSummary
    usual = settings
  }

  /// Whether it has to be given.
  public var isRequired: Bool { usualSummary == nil }
}

extension ModelParameter {
  /// The factor of all channels, which nearly every model has.
  static let width = ModelParameter(
    "width", "the factor of all channels, rounded to whole ones", .numbers(0.01...16),
    usual: .number(1))
}
