import Safetensors
import TestSupport
import Testing

@testable import Training

@Suite struct ParameterFileTests {
  /// Calls `body` with slots named `a` (2×3) and `b` (1) whose elements are as given.
  private func withSlots(
    _ a: inout [Float], _ b: inout [Float], shape: [Int] = [2, 3], names: [String] = ["a", "b"],
    _ body: ([ParameterSlot]) throws -> Void
  ) rethrows {
    try unsafe a.withUnsafeMutableBufferPointer { a in
      try unsafe b.withUnsafeMutableBufferPointer { b in
        try body([
          unsafe ParameterSlot(name: names[0], shape: shape, values: a),
          unsafe ParameterSlot(name: names[1], shape: [1], values: b),
        ])
      }
    }
  }

  private let a: [Float] = [1, -0.0, .leastNonzeroMagnitude, 4, 5, 6]

  /// Writes the slots and reads them into others; returns what the others hold, and the error.
  private func readBack(
    shape: [Int] = [2, 3], names: [String] = ["a", "b"]
  ) throws -> (a: [Float], b: [Float], problem: ParameterFileError.Problem?) {
    var (source, sourceB) = (a, [Float(7)])
    var (target, targetB) = ([Float](repeating: 9, count: 6), [Float(9)])
    var problem: ParameterFileError.Problem?
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.safetensors"
      try withSlots(&source, &sourceB) { try ParameterFile.write($0, network: "n", to: path) }
      try withSlots(&target, &targetB, shape: shape, names: names) { slots in
        do {
          try ParameterFile.read(path, into: slots)
        } catch let error as ParameterFileError {
          problem = error.problem
        }
      }
    }
    return (target, targetB, problem)
  }

  @Test func parametersComeBackToTheBit() throws {
    let result = try readBack()
    #expect(result.problem == nil)
    #expect(result.a.map(\.bitPattern) == a.map(\.bitPattern))
    #expect(result.b == [7])
  }

  @Test func nothingIsChangedWhereTheFileDoesNotFit() throws {
    let expected: [(problem: ParameterFileError.Problem, shape: [Int], names: [String])] = [
      (.otherShape("a", found: [2, 3], expected: [3, 2]), [3, 2], ["a", "b"]),
      (.unknown("b"), [2, 3], ["a", "c"]),
    ]
    for (problem, shape, names) in expected {
      let result = try readBack(shape: shape, names: names)
      #expect(result.problem == problem)
      #expect(result.a == [Float](repeating: 9, count: 6))
      #expect(result.b == [9])
    }
  }

  @Test func otherFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f"
      var (target, targetB) = (a, [Float(7)])
      try SafetensorsFile.write([], to: path)
      #expect(throws: ParameterFileError(path: path, problem: .otherFormat)) {
        try withSlots(&target, &targetB) { try ParameterFile.read(path, into: $0) }
      }
      try ParameterFile.write([], network: "n", to: path)
      #expect(throws: ParameterFileError(path: path, problem: .missing("a"))) {
        try withSlots(&target, &targetB) { try ParameterFile.read(path, into: $0) }
      }
    }
  }

  @Test func sentencesSayWhatWouldFit() {
    let error = ParameterFileError(
      path: "p", problem: .otherShape("conv1", found: [1], expected: [2, 3]))
    #expect(
      error.description
        == "'p' holds 'conv1' with the shape [1]; the network needs floats of [2, 3]")
  }
}
