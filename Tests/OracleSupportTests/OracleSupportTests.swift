import OracleSupport
import Safetensors
import Testing

@Suite struct OracleSupportTests {
  @Test(arguments: ["conv", "layers", "networks", "operations", "siamese", "sketch"])
  func everyFileHasCases(name: String) throws {
    let file = try OracleFile(name)
    #expect(!file.cases.isEmpty)
    #expect(Set(file.cases.map(\.name)).count == file.cases.count)
  }

  @Test func transpositionsMoveElementsAndComeBack() {
    let tensor = OracleTensor(shape: [2, 3, 2, 2], values: (0..<24).map(Float.init))
    let channelsLast = tensor.channelsLast()
    #expect(channelsLast.shape == [2, 2, 2, 3])
    #expect(channelsLast.values.prefix(6) == [0, 4, 8, 1, 5, 9])
    #expect(channelsLast.channelsFirst() == tensor)

    let weights = tensor.convolutionWeights()
    #expect(weights.shape == [2, 2, 3, 2])
    #expect(weights.values.prefix(4) == [0, 12, 4, 16])
    #expect(weights.pyTorchConvolutionWeights() == tensor)

    let linear = OracleTensor(shape: [1, 4], values: [0, 1, 2, 3])
    #expect(linear.linearWeights().shape == [4, 1])
    #expect(linear.linearWeights(afterFlattening: [2, 2]).values == [0, 2, 1, 3])
  }

  /// The definition of convolution, written on our layouts, must give the file's outputs.
  @Test func layoutsAreAsTheDefinitionOfConvolutionSays() throws {
    let file = try OracleFile("conv")
    let cases = try file.cases.filter {
      try $0.fields.integer("groups") == 1 && $0.hasTensor("b")
    }
    try #require(!cases.isEmpty)
    for oracleCase in cases {
      let output = try referenceConvolution(oracleCase)
      let comparison = try oracleCase.compare(output, with: "y") { $0.channelsLast() }
      #expect(comparison.agrees, "\(comparison)")
    }
  }

  @Test func comparisonsFailWhenTheyShould() {
    let expected = OracleTensor(shape: [2], values: [1, -100])
    func agrees(_ values: [Float], _ tolerance: Double = 0.01) -> Bool {
      OracleComparison(values, expected, tolerance: tolerance, name: "x").agrees
    }
    #expect(agrees([1, -100], 0))
    #expect(agrees([2, -100]))
    #expect(!agrees([2.01, -100]))
    #expect(!agrees([.nan, -100], 1e9))
    #expect(!agrees([1, .infinity], 1e9))
    #expect(!agrees([1, .nan], 1e9))
    #expect(!agrees([1]))
    let empty = OracleTensor(shape: [0], values: [])
    #expect(!OracleComparison([], empty, tolerance: 1, name: "x").agrees)
  }

  @Test func unreadFieldsAreKnown() throws {
    let inner = JSONValue.object(["b": .integer(1), "c": .null])
    let fields = OracleFields(
      owner: "a test", values: ["a": .integer(2), "l": .array([inner]), "o": inner])
    #expect(fields.unread == ["a", "l", "o"])
    _ = try fields.integer("a")
    _ = try fields.objects("l")[0].integer("b")
    #expect(try !fields.object("o").contains("c"))
    #expect(fields.unread == ["l[0].c", "o.b"])
  }

  @Test func fieldsHaveTypes() throws {
    let fields = OracleFields(
      owner: "a test",
      values: [
        "n": .integer(2), "x": .number(0.5), "t": .bool(true), "s": .string("a"),
        "l": .array([.integer(1), .integer(2)]), "o": .array([.object(["k": .integer(3)])]),
      ])
    #expect(try fields.integer("n") == 2)
    #expect(try fields.double("n") == 2)
    #expect(try fields.double("x") == 0.5)
    #expect(try fields.bool("t"))
    #expect(try fields.string("s") == "a")
    #expect(try fields.integers("l") == [1, 2])
    #expect(try fields.spatial("l", leading: 0) == [0, 1, 2])
    #expect(try fields.objects("o").first?.integer("k") == 3)
    #expect(throws: OracleError.self) { try fields.integer("x") }
    #expect(throws: OracleError.self) { try fields.integers("o") }
    #expect(throws: OracleError.self) { try fields.bool("absent") }
  }
}

/// Forward convolution with bias, without groups, as its definition reads; channels last.
private func referenceConvolution(_ oracleCase: OracleCase) throws -> [Float] {
  let fields = oracleCase.fields
  let size = try fields.spatial("size", leading: 1)
  let kernel = try fields.spatial("kernel", leading: 1)
  let stride = try fields.spatial("stride", leading: 1)
  let pad = try fields.spatial("pad", leading: 0)
  let dilation = try fields.spatial("dilation", leading: 1)
  let output = try fields.spatial("output_size", leading: 1)
  let (inputChannels, outputChannels) = (try fields.integer("C"), try fields.integer("K"))
  let x = try oracleCase.tensor("x").channelsLast().values
  let w = try oracleCase.tensor("w").convolutionWeights().values
  let bias = try oracleCase.tensor("b").values

  func positions(_ extents: [Int]) -> [[Int]] {
    (0..<extents.reduce(1, *)).map { index in
      [index / (extents[1] * extents[2]), index / extents[2] % extents[1], index % extents[2]]
    }
  }
  func offset(_ position: [Int], _ extents: [Int]) -> Int {
    (position[0] * extents[1] + position[1]) * extents[2] + position[2]
  }

  var y: [Float] = []
  for sample in 0..<(try fields.integer("N")) {
    for pixel in positions(output) {
      var sums = bias.map(Double.init)
      for tap in positions(kernel) {
        let source = (0..<3).map { pixel[$0] * stride[$0] - pad[$0] + tap[$0] * dilation[$0] }
        guard zip(source, size).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
        let pixels = size.reduce(1, *)
        for c in 0..<inputChannels {
          let value = Double(x[(sample * pixels + offset(source, size)) * inputChannels + c])
          let row = (offset(tap, kernel) * inputChannels + c) * outputChannels
          for k in 0..<outputChannels { sums[k] += value * Double(w[row + k]) }
        }
      }
      y += sums.map { Float($0) }
    }
  }
  return y
}
