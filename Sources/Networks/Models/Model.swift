/// A network that comes with the library: one of a family of models, and its parameters.
///
///     let network = try Model("resnet:18,width=0.5").network(input: input, classes: 10)
public struct Model: Sendable {
  /// The models that it is one of.
  public let family: ModelDescription
  /// What the parameters of its family are set to.
  public let settings: ModelSettings
  /// The canonical spelling, which can be read back: its own name if it has one, else the name of its
  /// family with the parameters that are not what is usual.
  public let name: String

  init(_ family: ModelDescription, _ settings: ModelSettings) {
    self.family = family
    self.settings = settings
    name = family.canonicalSpelling(of: settings)
  }

  /// What it is, in a few words.
  public var summary: String {
    family.shortNames.first { $0.name == name }?.summary ?? family.summary
  }

  /// The shape of the samples that it was made for.
  public var usualInput: Shape { family.usualSamples(settings).shape }

  /// The number of classes of the samples that it was made for.
  public var usualClassCount: Int { family.usualSamples(settings).classCount }

  /// Builds the network, whose name is the model's.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  /// - Returns: The network.
  /// - Throws: `NetworkError` that names the layer for which the input is too small.
  public func network(input: Shape, classes: Int) throws(NetworkError) -> Network {
    try family.build(name, input, classes, settings)
  }
}

extension Model: Hashable {
  /// Whether both are of one family with the same parameters.
  public static func == (first: Model, second: Model) -> Bool { first.name == second.name }

  /// Hashes what models are compared by.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Model: CustomStringConvertible {
  /// The canonical spelling.
  public var description: String { name }
}
