/// Networks that are built alike and differ in a few parameters, such as the residual networks.
///
/// There is one for each kind of model, beside what builds it; `all` lists them.
public struct ModelDescription: Sendable {
  /// A name without parameters for one of the models.
  public struct ShortName: Sendable {
    /// The name, such as `resnet18`.
    public let name: String
    /// What the model is, in a few words.
    public let summary: String
    /// The parameters that the name stands for.
    let given: [String: ModelParameterValue]

    init(_ name: String, _ summary: String, _ given: [String: ModelParameterValue]) {
      self.name = name
      self.summary = summary
      self.given = given
    }
  }

  /// Builds a network of a name, for samples of a shape and a number of classes.
  typealias Builder = @Sendable (String, Shape, Int, ModelSettings) throws(NetworkError) -> Network

  /// What its models are spelled with.
  public let name: String
  /// What its models are, in a few words.
  public let summary: String
  /// What its models differ in: at least one; the value of the first may stand behind a colon.
  public let parameters: [ModelParameter]
  /// The models with names of their own.
  public let shortNames: [ShortName]

  let usualSamples: @Sendable (ModelSettings) -> UsualSamples
  let build: Builder

  init(
    _ name: String, _ summary: String, parameters: [ModelParameter], shortNames: [ShortName],
    usualSamples: @escaping @Sendable (ModelSettings) -> UsualSamples, build: @escaping Builder
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.shortNames = shortNames
    self.usualSamples = usualSamples
    self.build = build
  }

  init(
    _ name: String, _ summary: String, parameters: [ModelParameter], shortNames: [ShortName],
    usualSamples: UsualSamples, build: @escaping Builder
  ) {
    self.init(
      name, summary, parameters: parameters, shortNames: shortNames,
      usualSamples: { _ in usualSamples }, build: build)
  }
}
