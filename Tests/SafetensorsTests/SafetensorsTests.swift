import Files
import Safetensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  /// A file with the given header text and as many data bytes, which count up from 0.
  private func file(_ header: String, dataBytes: Int) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
    return length + Array(header.utf8) + (0..<dataBytes).map { UInt8($0) }
  }

  private func problem(_ bytes: [UInt8]) -> SafetensorsError.Problem? {
    do throws(SafetensorsError) {
      _ = try SafetensorsFile(bytes: bytes, path: "x")
      return nil
    } catch {
      return error.problem
    }
  }

  private func problem(_ header: String, dataBytes: Int) -> SafetensorsError.Problem? {
    problem(file(header, dataBytes: dataBytes))
  }

  @Test func aFileIsReadAsTheFormatSays() throws {
    let header = """
      {"b":{"dtype":"I64","shape":[1],"data_offsets":[4,12]},"__metadata__":{"k":"v"},
       "a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},
       "none":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]}}
      """
    let file = try SafetensorsFile(bytes: file(header, dataBytes: 12), path: "x")
    #expect(file.metadata == ["k": "v"])
    #expect(file.tensors.map(\.name) == ["a", "none", "b"])
    #expect(file.description(of: "a")?.shape == [1, 1])
    #expect(try file.floats("a").map(\.bitPattern) == [0x0302_0100])
    #expect(try file.integers("b") == [0x0b0a_0908_0706_0504])
    #expect(try file.floats("none") == [])
  }

  @Test func whatIsWrittenIsReadBack() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.safetensors"
      let values: [Float] = [1, -0.0, .infinity, .leastNonzeroMagnitude, 5, 6]
      try SafetensorsFile.write(
        [
          TensorContents(name: "z/ \"ö\"", shape: [3, 2], values: .floats(values)),
          TensorContents(name: "a", shape: [2], values: .integers([.min, .max])),
          TensorContents(name: "scalar", shape: [], values: .floats([7])),
        ], metadata: ["made by": "a \"test\""], to: path)
      let file = try SafetensorsFile(path: path)
      #expect(file.metadata == ["made by": "a \"test\""])
      #expect(file.tensors.map(\.name) == ["z/ \"ö\"", "a", "scalar"])
      #expect(file.tensors.map(\.shape) == [[3, 2], [2], []])
      #expect(try file.floats("z/ \"ö\"").map(\.bitPattern) == values.map(\.bitPattern))
      #expect(try file.integers("a") == [.min, .max])
      #expect(try file.floats("scalar") == [7])
    }
  }

  @Test func anEmptyFileOfTensorsIsAFile() throws {
    try withTemporaryFolder { folder in
      try SafetensorsFile.write([], to: "\(folder)/empty")
      #expect(try SafetensorsFile(path: "\(folder)/empty").tensors.isEmpty)
    }
  }

  @Test func malformedFilesSayWhatIsWrong() {
    let one = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    #expect(problem(one, dataBytes: 8) == nil)
    #expect(problem([]) == .tooShort(bytes: 0))
    #expect(problem([1, 2, 3]) == .tooShort(bytes: 3))
    #expect(
      problem(Array(file(one, dataBytes: 0).dropLast(5)))
        == .headerTooLong(bytes: UInt64(one.utf8.count), available: one.utf8.count - 5))
    #expect(
      problem(Array(repeating: 255, count: 9)) == .headerTooLong(bytes: .max, available: 1))
    #expect(problem("[1]", dataBytes: 0) == .headerNotJSON)
    #expect(problem("{", dataBytes: 0) == .headerNotJSON)
    #expect(problem("", dataBytes: 0) == .headerNotJSON)
    #expect(problem(#"{"__metadata__":{"a":1}}"#, dataBytes: 0) == .metadataNotStrings)
    #expect(problem(#"{"__metadata__":"a"}"#, dataBytes: 0) == .metadataNotStrings)
    #expect(problem(one, dataBytes: 7) == .outOfRange(tensor: "a", end: 8, available: 7))
    #expect(problem(one, dataBytes: 9) == .unusedBytes(count: 1, before: nil))
  }

  @Test(arguments: [
    #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
    #"{"a":7}"#,
  ])
  func malformedEntriesNameTheirTensor(header: String) {
    #expect(problem(header, dataBytes: 8) == .malformedEntry(tensor: "a"))
  }

  @Test func entriesThatContradictTheDataAreRefused() {
    func entry(_ type: String, _ count: Int, _ begin: Int, _ end: Int) -> String {
      #"{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[\#(begin),\#(end)]}"#
    }
    #expect(
      problem(#"{"a":\#(entry("F16", 4, 0, 8))}"#, dataBytes: 8)
        == .unsupportedType(tensor: "a", type: "F16"))
    #expect(
      problem(#"{"a":\#(entry("I64", 2, 0, 8))}"#, dataBytes: 8)
        == .wrongSize(tensor: "a", bytes: 8, expected: 16))
    #expect(
      problem(#"{"a":\#(entry("F32", 2, 0, 8)),"b":\#(entry("F32", 2, 4, 12))}"#, dataBytes: 12)
        == .overlap(first: "a", second: "b"))
    #expect(
      problem(#"{"a":\#(entry("F32", 1, 0, 4)),"b":\#(entry("F32", 1, 8, 12))}"#, dataBytes: 12)
        == .unusedBytes(count: 4, before: "b"))
  }

  @Test func askingForWhatIsNotThereIsAnError() throws {
    let header = #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#
    let file = try SafetensorsFile(bytes: file(header, dataBytes: 8), path: "f")
    #expect(throws: SafetensorsError(path: "f", problem: .missingTensor("b"))) {
      try file.floats("b")
    }
    #expect(
      throws: SafetensorsError(
        path: "f", problem: .otherType(tensor: "a", type: "I64", expected: "F32"))
    ) { try file.floats("a") }
  }

  @Test func sentencesNameTheFile() {
    let error = SafetensorsError(path: "w.safetensors", problem: .headerNotJSON)
    #expect(
      error.description
        == "'w.safetensors' is not a safetensors file: its header is not a JSON object")
    #expect(error.category == .badData)
  }
}
