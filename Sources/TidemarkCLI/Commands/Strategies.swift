import ArgumentParser
import Reporting
import Tidemark

/// `tidemark strategies`: the ways of keeping activations.
struct Strategies: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the strategies: how each is spelled and what it does.",
    discussion: """
      Example:
        tidemark strategies
      """)

  func run() throws {
    for name in StrategyName.allCases {
      StandardStream.output.line(
        """
        \(name.spelling)
            \(name.summary)
            \(Self.words(for: name.exactness)); \
        example: \(name.example)
        """)
      for option in name.options {
        StandardStream.output.line("    ,\(option.spelling)\n        \(option.summary)")
      }
    }
    StandardStream.output.line(
      "\nA plus sign combines one that recomputes, one that approximates and microbatch: checkpoint:4+trace:16"
    )
  }

  private static func words(for exactness: Exactness) -> String {
    switch exactness {
    case .exact: "exact"
    case .rounding: "exact but for the order in which sums are added up"
    case .estimated: "estimates weight gradients, right on average"
    }
  }
}
