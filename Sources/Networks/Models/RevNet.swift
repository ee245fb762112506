extension ModelParameter {
  fileprivate static let blocks = ModelParameter(
    "blocks", "the blocks of each stage", .counts(1...4, upTo: 256, names: []),
    usual: .counts([3, 3, 3]))
}

extension ModelDescription {
  /// Reversible networks for small images (Gomez and others 2017, arXiv 1707.04585, section 3).
  static let revnet = ModelDescription(
    "revnet", "reversible blocks of two streams, batch normalisation",
    parameters: [.width, .blocks],
    shortNames: [
      ShortName(
        "revnet",
        "nine reversible blocks of two streams of 32 to 128 channels, batch normalisation", [:])
    ],
    usualSamples: .smallImages,
    build: Network.revnet)
}

extension Network {
  fileprivate static func revnet(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    try Network(name, input: input) {
      ReversibleStages(width: settings.scaled(32), blocksPerStage: settings.counts(.blocks))
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
