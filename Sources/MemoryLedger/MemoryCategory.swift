/// What a block of memory is for.
///
/// Every block belongs to exactly one category, and each category of a ledger has a jemalloc arena
/// of its own, so that the allocator itself can confirm the bytes of each.
public enum MemoryCategory: Int, CaseIterable, Sendable {
  /// Weights and biases, and the running statistics that live as long as they do.
  case parameters
  /// Gradients of the parameters.
  case parameterGradients
  /// What the optimiser remembers from step to step, such as momenta.
  case optimizerState
  /// The batch: samples and labels.
  case input
  /// What the forward pass keeps for the backward pass.
  case activations
  /// Values and gradients of values in flight.
  case transient
  /// Scratch of kernels.
  case workspace

  /// The name in tables, CSV columns and errors, which is the name of the case.
  public var name: String {
    switch self {
    case .parameters: "parameters"
    case .parameterGradients: "parameterGradients"
    case .optimizerState: "optimizerState"
    case .input: "input"
    case .activations: "activations"
    case .transient: "transient"
    case .workspace: "workspace"
    }
  }

  /// The number of categories, for arrays that have one element for each.
  package static let count = 7
}
