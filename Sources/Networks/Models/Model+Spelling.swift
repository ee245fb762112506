import Files

/// A text that is no model: what is wrong with it, and what would be right.
public struct ModelSpellingError: DescribedFailure, Equatable {
  /// The text that was given.
  public let text: String
  /// What is wrong, and what would be right, in one sentence.
  public let description: String

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }
}

extension Model {
  /// How models are spelled, with an example.
  public static let grammar = "NAME[:VALUE][,key=value…], such as resnet18 or resnet:34,width=0.5"

  /// Reads a model such as `resnet18`, `resnet:18,width=0.5` or `mobilenet-v2:0.5`.
  ///
  /// What stands behind the colon is the family's first parameter. A short name such as `resnet18`
  /// takes the parameters that it does not set itself.
  ///
  /// - Parameter spelling: The model as text, `NAME[:VALUE][,key=value…]`.
  /// - Throws: `ModelSpellingError`: one sentence, with the nearest name for one that is unknown.
  public init(_ spelling: String) throws(ModelSpellingError) {
    let spelled = SpelledName(spelling)
    func error(_ description: String) -> ModelSpellingError {
      ModelSpellingError(text: spelling, description: description)
    }
    guard let (family, shortName) = Self.family(spelled.name) else {
      throw error(Self.unknown(spelled.name))
    }
    let fixed = shortName?.given ?? [:]
    var given = fixed
    var options = spelled.options
    if let value = spelled.value { options.insert((family.parameters[0].name, value), at: 0) }
    for (key, text) in options {
      guard let parameter = family.parameters.first(where: { $0.name == key }) else {
        throw error(family.unknownParameter(key))
      }
      guard fixed[key] == nil else {
        throw error("\(spelled.name) says its \(key) itself; write \(family.spelling)")
      }
      guard given[key] == nil else { throw error("'\(spelling)' sets \(key) twice; keep one") }
      guard let value = parameter.permitted.value(text ?? "") else {
        throw error(
          "the \(key) of \(family.name) is '\(text ?? "")'; it must be \(parameter.permitted)")
      }
      given[key] = value
    }
    guard let settings = ModelSettings(given, of: family.parameters) else {
      throw error(family.missingParameter)
    }
    self.init(family, settings)
  }

  /// The family that a name belongs to, and the short name if it is one.
  private static func family(
    _ name: String
  ) -> (ModelDescription, ModelDescription.ShortName?)? {
    for family in ModelDescription.all {
      if family.name == name { return (family, nil) }
      if let shortName = family.shortNames.first(where: { $0.name == name }) {
        return (family, shortName)
      }
    }
    return nil
  }

  private static func unknown(_ name: String) -> String {
    let families = ModelDescription.all
    let known =
      named.map(\.name) + families.map(\.name)
      + families.flatMap { family in
        (family.parameters.first?.permitted.examples ?? []).map { "\(family.name):\($0)" }
      }
    let sentence = "there is no model '\(name)' in the list of 'tidemark models'"
    if let nearest = Spelling.nearest(to: name, in: known) {
      return "\(sentence); did you mean '\(nearest)'?"
    }
    return "\(sentence), which has \(families.map(\.name).joined(separator: ", "))"
  }
}
