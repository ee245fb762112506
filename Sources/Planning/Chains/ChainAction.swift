/// One action of a chain's schedule; its name in the literature is in brackets.
package enum ChainAction: Hashable, Sendable {
  /// Runs a stage forward and keeps its tape of the given number; its input stays (Fe).
  case tape(Int, option: Int)
  /// Runs a stage forward and keeps its input as a checkpoint (CF).
  case checkpoint(Int)
  /// Runs a stage forward and drops its input, unless that is the chain's input (Fn).
  case advance(Int)
  /// Makes the gradient of the last value, which is then dropped (L).
  case loss
  /// Runs a stage backward and drops its tape, its input and its output's gradient (B).
  case backward(Int)
}

extension ChainAction: CustomStringConvertible {
  /// The short name in the literature, such as `CF_3`.
  package var description: String {
    switch self {
    case .tape(let stage, 0): "Fe_\(stage)"
    case .tape(let stage, let option): "Fe_\(stage).\(option)"
    case .checkpoint(let stage): "CF_\(stage)"
    case .advance(let stage): "Fn_\(stage)"
    case .loss: "L"
    case .backward(let stage): "B_\(stage)"
    }
  }
}
