import Kernels
import Networks
import OracleSupport
import Testing

/// Every operation against PyTorch in float64 (invariant I7), through the operations themselves.
@Suite struct OperationOracleTests {
  static let engines = InstructionSet.available.flatMap { set in
    [1, 3].map { Engine(threadCount: $0, instructionSet: set) }
  }

  @Test(arguments: ["conv", "layers", "operations"])
  func everyCaseAgrees(file: String) throws {
    let cases = try OracleFile(file).cases { !$0.isOfTraining }
    #expect(!cases.isEmpty)
    for oracle in cases { try check(oracle, on: Self.engines) }
  }

  /// What is listed as skipped is not built; what is built has to run.
  @Test func nothingIsSkippedThatIsBuilt() {
    for skip in OracleSkip.all where !skip.isLimited {
      #expect(OracleFamily.all[skip.kind] == nil, "take \(skip.kind) off the list of skips")
    }
  }
}

/// Runs a case and checks that nothing of it was passed over.
func check(_ oracle: OracleCase, on engines: [Engine]) throws {
  try oracle.checkFacts()
  switch try oracle.family() {
  case .graph(let build):
    let graph = try build(oracle)
    for engine in engines { try OracleGraphRun(oracle, graph, engine: engine).check() }
  case .check(let check):
    for engine in engines { try check(oracle, engine) }
  }
  #expect(oracle.unread == [], "\(oracle.name) is not honoured as a whole")
}
