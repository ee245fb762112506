import MemoryLedger

/// Which memory a budget is about.
public struct MemorySubject: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case allocations
    case process
    case categories(MemoryCategorySet)
  }

  package let kind: Kind

  private init(_ kind: Kind) {
    self.kind = kind
  }

  /// Everything that the running test allocates: any Swift code, C code and Tidemark tensors.
  ///
  /// Counts, in requested bytes and exactly, the blocks that the test's task, its child tasks and
  /// the tasks that it starts with `Task { }` have allocated since the measurement began and that
  /// nobody has freed yet. Tests that run in parallel do not disturb it. Threads of one's own,
  /// Dispatch queues and detached tasks are not counted: ``process`` counts those. The caches that
  /// Swift's runtime fills when code runs for the first time are counted: from some hundred bytes to
  /// about 20 KiB. Who wants to know the last byte runs the body once before.
  public static let allocations = Self(.allocations)

  /// Everything that the process allocates, on whatever thread, since the measurement began.
  ///
  /// Counts requested bytes, exactly. Only meaningful where nothing else runs: in XCTest, with
  /// `--no-parallel`, or in an exit test. Elsewhere the measurement is refused.
  public static let process = Self(.process)

  /// What stands of some categories in the Tidemark ledgers that the test's task allocates from.
  ///
  /// Counts what stood in such a ledger before as well, and what other threads do with it: the peak
  /// is that of the reports. A test in which no ledger is used fails.
  ///
  /// - Parameter categories: The categories whose joint peak is meant.
  /// - Returns: The subject.
  public static func categories(_ categories: MemoryCategorySet) -> Self {
    Self(.categories(categories))
  }

  /// All categories of the Tidemark ledgers that are used.
  public static let ledgers = categories(.all)
  /// The activations, transient values and workspaces of a training step, taken together.
  public static let step = categories(.step)
  /// Parameters.
  public static let parameters = categories(.parameters)
  /// Gradients of parameters.
  public static let parameterGradients = categories(.parameterGradients)
  /// The optimiser's state.
  public static let optimizerState = categories(.optimizerState)
  /// The batch.
  public static let input = categories(.input)
  /// What the forward pass keeps for the backward pass.
  public static let activations = categories(.activations)
  /// Values and gradients of values in flight.
  public static let transient = categories(.transient)
  /// Scratch of kernels.
  public static let workspace = categories(.workspace)

  /// The subject as the subject of a sentence.
  package var name: String {
    switch kind {
    case .allocations: "what the test allocated"
    case .process: "what the process allocated"
    case .categories(let categories): categories.name
    }
  }
}
