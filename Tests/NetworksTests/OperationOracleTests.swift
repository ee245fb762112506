import Kernels
import NativeEngine
import Networks
import OracleSupport
import Safetensors
import TestSupport
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
    for oracle in cases {
      for failure in try oracle.failures(on: Self.engines) { Issue.record("\(failure)") }
    }
  }

  /// A case whose field is not what its tensors were computed with has to fail: for every field of
  /// every operation at least one such case does.
  @Test(arguments: ["conv", "layers", "operations"])
  func everyFieldIsHonoured(file: String) throws {
    var noticed: Set<String> = []
    var all: Set<String> = []
    for oracle in try OracleFile(file).cases({ !$0.isOfTraining }) {
      for (field, altered) in oracle.alterations() {
        let name = "\(field) of \(oracle.kind ?? file)"
        all.insert(name)
        guard !noticed.contains(name) else { continue }
        let isNoticed = (try? altered.failures(on: [Self.engines[0]]).isEmpty) != true
        if isNoticed { noticed.insert(name) }
      }
    }
    #expect(all.subtracting(noticed) == [])
  }

  @Test func whatNobodyKnowsFails() throws {
    func file(_ fields: [String: JSONValue], _ tensors: [String: [Float]]) throws -> [String] {
      try withTemporaryFolder { folder in
        let path = "\(folder)/made.safetensors"
        let fields = fields.merging(["name": .string("a"), "tol": .number(1e-6)]) { old, _ in old }
        let cases = String(decoding: try JSONValue.array([.object(fields)]).text(), as: UTF8.self)
        try SafetensorsFile.write(
          tensors.sorted { $0.key < $1.key }.map {
            TensorContents(
              name: "a/\($0.key)", shape: [1, $0.value.count, 1], values: .floats($0.value))
          }, metadata: ["cases": cases], to: path)
        return try OracleFile(path: path).cases().flatMap {
          try $0.failures(on: [Self.engines[0]])
        }
      }
    }
    let relu: [String: [Float]] = ["x": [-1, 2], "dy": [3, 4], "y": [0, 2], "dx": [0, 4]]
    #expect(try file(["op": .string("relu")], relu) == [])
    #expect(
      try file(["op": .string("relu"), "slope": .number(0.5)], relu) == [
        "a: nobody reads its field 'slope'"
      ])
    #expect(
      try file(["op": .string("relu")], relu.merging(["s": [1]]) { old, _ in old }) == [
        "a: nobody reads its tensor 's'"
      ])
    #expect(throws: OracleError.self) { try file(["op": .string("rélu")], relu) }
    // Four inputs, of which the last is wrong.
    let concat: [String: JSONValue] = [
      "op": .string("concat"), "channels": .array([1, 2, 1, 2].map { .integer($0) }),
    ]
    var values: [String: [Float]] = [
      "x0": [1], "x1": [2, 3], "x2": [4], "x3": [5, 6], "y": [1, 2, 3, 4, 5, 6],
      "dy": [6, 5, 4, 3, 2, 1], "dx0": [6], "dx1": [5, 4], "dx2": [3], "dx3": [2, 1],
    ]
    #expect(try file(concat, values) == [])
    values["x3"] = [5, 7]
    #expect(try file(concat, values).count == 1)
  }

  /// What is listed as skipped is not built; what is built has to run.
  @Test func nothingIsSkippedThatIsBuilt() {
    for skip in OracleSkip.all where !skip.isLimited {
      #expect(OracleFamily.all[skip.kind] == nil, "take \(skip.kind) off the list of skips")
    }
  }
}
