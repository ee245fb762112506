import Execution
import Files
import MemoryLedger
import Networks
import OracleSupport
import Safetensors
import TestSupport
import Testing

@testable import Training

@Suite struct ParameterFileTests {
  private func store(_ network: Network, seed: UInt64) throws -> ParameterStore {
    try ParameterStore(network: network, ledger: Ledger(for: network), seed: seed)
  }

  /// Parameters and statistics, as bits.
  private func bits(_ store: ParameterStore) -> [[UInt32]] {
    store.parameters.indices.map { unsafe store.value($0).map(\.bitPattern) }
      + store.runningStatistics.indices.map { unsafe store.statistic($0).map(\.bitPattern) }
  }

  /// Convolutions over one to three axes, also transposed, groups, linear layers and normalisations.
  private func networks() throws -> [Network] {
    try (1...3).map { axes in
      try Network("n\(axes)", input: Shape(spatial: Array([5, 6, 7].prefix(axes)), channels: 4)) {
        Convolution(AxisValues(Array([3, 2, 1].prefix(axes))), channels: 6, groups: 2)
        BatchNormalization()
        TransposedConvolution(AxisValues(Array([2, 1, 3].prefix(axes))), channels: 9, groups: 3)
        Flatten()
        Linear(3)
        SoftmaxCrossEntropy()
      }
    }
  }

  @Test func everythingComesBackToTheBit() throws {
    for network in try networks() {
      try withTemporaryFolder { folder in
        let path = "\(folder)/p.safetensors"
        let written = try store(network, seed: 1)
        unsafe written.statistic(0)[0] = .leastNonzeroMagnitude
        let read = try store(network, seed: 2)
        #expect(bits(read) != bits(written))
        try written.write(to: path)
        try read.read(from: path)
        #expect(bits(read) == bits(written))
      }
    }
  }

  @Test func transposedConvolutionsAreWrittenAsPyTorchHoldsThem() throws {
    let cases = try OracleFile("operations").cases.filter { $0.name.hasPrefix("convt_") }
    #expect(!cases.isEmpty)
    for oracle in cases {
      let fields = oracle.fields
      let operation = TransposedConvolution(
        AxisValues(try fields.integers("kernel")), channels: try fields.integer("K"),
        groups: try fields.integer("groups"))
      let input = Shape(
        spatial: try fields.integers("size"), channels: try fields.integer("C"))
      let network = try Network("n", input: input) {
        operation.named("up")
        Flatten()
        Linear(2)
        SoftmaxCrossEntropy()
      }
      let layout = PyTorchLayout(network.parameters[0])
      let reference = try oracle.tensor("w")
      #expect(layout.name == "up.weight")
      #expect(layout.shape == reference.shape)
      // The oracle's own conversion of the axes: (C, K/groups, kernel…) to (kernel…, K/groups, C).
      #expect(
        layout.imported(reference.values) == reference.convolutionWeights().values,
        "\(oracle.name)")
    }
  }

  /// The oracles hold PyTorch's layouts, and `OracleSupport` converts them by itself.
  @Test func weightsAreWrittenAsPyTorchHoldsThem() throws {
    let cases = try OracleFile("networks").cases()
    #expect(!cases.isEmpty)
    for oracle in cases {
      let network = try OracleNetwork.build(oracle)
      let store = try store(network, seed: 0)
      for (index, parameter) in store.parameters.enumerated() {
        let values = try parameter.ours(oracle.tensor("init/\(parameter.name)")).values
        _ = unsafe store.value(index).update(from: values)
      }
      try withTemporaryFolder { folder in
        let path = "\(folder)/p.safetensors"
        try store.write(to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata["format"] == "pt")
        #expect(file.tensors.count == store.parameters.count + store.runningStatistics.count)
        for parameter in store.parameters {
          let words = ["w": "weight", "gamma": "weight", "b": "bias", "beta": "bias"]
          let word = try #require(words[parameter.description.name])
          let name = "\(parameter.nodeName).\(word)"
          let expected = try oracle.tensor("init/\(parameter.name)")
          #expect(file.description(of: name)?.shape == expected.shape)
          #expect(try file.floats(name) == expected.values)
        }
      }
    }
  }

  @Test func gradientsAreWrittenAsPyTorchHoldsThem() throws {
    for network in try networks() {
      let store = try store(network, seed: 1)
      for index in store.parameters.indices {
        let gradient = unsafe store.gradient(index)
        for element in gradient.indices { unsafe gradient[element] = Float(100 * index + element) }
      }
      try withTemporaryFolder { folder in
        try store.writeGradients(to: "\(folder)/g.safetensors")
        let file = try SafetensorsFile(path: "\(folder)/g.safetensors")
        #expect(file.tensors.count == store.parameters.count)
        for (index, parameter) in store.parameters.enumerated() {
          let values = unsafe OracleTensor(
            shape: parameter.description.shape, values: Array(store.gradient(index)))
          let expected =
            switch parameter.description.layout {
            case .vector: values
            case .convolution, .transposedConvolution: values.pyTorchConvolutionWeights()
            case .linear: values.linearWeights()
            }
          let name = try #require(
            file.tensors.map(\.name).first {
              $0.hasPrefix("\(parameter.nodeName).")
                && $0.hasSuffix(
                  expected.shape.count > 1 || parameter.description.name == "gamma"
                    ? "weight" : "bias")
            })
          #expect(file.description(of: name)?.shape == expected.shape)
          #expect(try file.floats(name) == expected.values)
        }
      }
    }
  }

  @Test func countersOfBatchesArePassedOver() throws {
    let network = try networks()[1]
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.safetensors"
      let written = try store(network, seed: 1)
      try written.write(to: path)
      let file = try SafetensorsFile(path: path)
      let tensors = try file.tensors.map {
        TensorContents(name: $0.name, shape: $0.shape, values: .floats(try file.floats($0.name)))
      }
      let counter = TensorContents(
        name: "bn1.num_batches_tracked", shape: [], values: .integers([7]))
      try SafetensorsFile.write(tensors + [counter], to: path)
      let read = try store(network, seed: 2)
      try read.read(from: path)
      #expect(bits(read) == bits(written))
    }
  }

  @Test func nothingIsChangedWhereTheFileDoesNotFit() throws {
    let network = try networks()[1]
    let store = try store(network, seed: 1)
    let before = bits(store)
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.safetensors"
      try store.write(to: path)
      let file = try SafetensorsFile(path: path)
      let tensors = try file.tensors.map {
        TensorContents(
          name: $0.name, shape: $0.shape, values: .floats(try file.floats($0.name).map { $0 + 1 }))
      }
      func problem(_ tensors: [TensorContents]) throws -> ParameterFileError.Problem? {
        try SafetensorsFile.write(tensors, to: path)
        do {
          try store.read(from: path)
          return nil
        } catch let error as ParameterFileError {
          #expect(error.category == .badData)
          return error.problem
        }
      }
      let last = try #require(tensors.last)
      #expect(try problem(tensors.dropLast()) == .missing(last.name))
      let extra = TensorContents(name: "conv9.weight", shape: [1], values: .floats([1]))
      #expect(try problem(tensors + [extra]) == .unknown("conv9.weight"))
      let turned = tensors.map { tensor in
        TensorContents(name: tensor.name, shape: tensor.shape.reversed(), values: tensor.values)
      }
      guard case .otherShape = try problem(turned) else {
        Issue.record("axes in the wrong order were accepted")
        return
      }
      #expect(bits(store) == before)
    }
  }
}
