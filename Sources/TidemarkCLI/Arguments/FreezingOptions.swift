import ArgumentParser
import Tidemark

/// Which part of a network is trained.
struct FreezingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Train only layers whose names begin with one of these; all others are frozen: they have no "
        + "gradients and nothing is kept for them.", valueName: "prefix,…"),
    transform: Self.prefixes)
  var trainOnly: [String]?

  @Flag(
    help: ArgumentHelp(
      "Normalisations in the frozen part use the statistics of the batch, as in training, instead of "
        + "the running ones."))
  var frozenBatchStatistics = false

  func validate() throws {
    guard trainOnly == nil, frozenBatchStatistics else { return }
    throw ValidationError("--frozen-batch-statistics is for networks that --train-only freezes")
  }

  /// The network, of which only the named layers are trained.
  ///
  /// - Throws: `NetworkError` if a prefix fits no layer.
  func applied(to network: Network) throws -> Network {
    guard let trainOnly else { return network }
    return try network.training(only: trainOnly, fixesStatistics: !frozenBatchStatistics)
  }

  /// The flags that spell these options.
  var arguments: [String] {
    (trainOnly.map { ["--train-only", $0.joined(separator: ",")] } ?? [])
      + (frozenBatchStatistics ? ["--frozen-batch-statistics"] : [])
  }

  private static func prefixes(_ text: String) throws -> [String] {
    let prefixes = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !prefixes.contains("") else {
      throw ValidationError(
        flag: "--train-only", value: text,
        expectation: "beginnings of layers' names with a comma between, such as fc,block4")
    }
    return prefixes
  }
}
