import Execution
import Kernels
import Networks
import OracleSupport
import Planning
import Schedules
import Testing

@testable import Training

/// Five training steps on real images against PyTorch in float64 (invariant I7).
@Suite struct NetworkOracleTests {
  static let dataset = Result { try FashionMNIST.load() }

  @Test(arguments: [1, 2]) func stepsAgreeWithPyTorch(threadCount: Int) throws {
    let cases = try OracleFile("networks").cases()
    #expect(!cases.isEmpty)
    for oracle in cases {
      var run = try OracleTraining(oracle, dataset: Self.dataset.get(), threadCount: threadCount)
      for failure in try run.run() { Issue.record("\(failure)") }
    }
  }

  /// A case whose field is not what its numbers were computed with has to fail.
  @Test func everyFieldIsHonoured() throws {
    for oracle in try OracleFile("networks").cases() {
      // One entry of a list shows as much as all.
      var seen: Set<String> = []
      for (field, altered) in oracle.alterations() where seen.insert(field).inserted {
        let failures = try? {
          var run = try OracleTraining(altered, dataset: Self.dataset.get(), threadCount: 2)
          return try run.run()
        }()
        #expect(failures?.isEmpty != true, "\(altered)")
      }
    }
  }

  /// The networks that come with the library are those of the reference, layer by layer.
  @Test func theLibrarysNetworksAreTheReferences() throws {
    let input = Shape(28, 28, channels: 1)
    for oracle in try OracleFile("networks").cases() {
      let library: Network
      switch try oracle.fields.string("network") {
      case "lenet" where try oracle.fields.integers("channels") == [6, 16]:
        library = try Model.lenet.network(input: input, classes: 10)
      case "resnet8" where try oracle.fields.integers("widths") == [8, 16, 32]:
        library = try Model("resnet:8,width=0.5").network(input: input, classes: 10)
      default: continue
      }
      let built = try OracleNetwork.build(oracle)
      #expect(built.parameters == library.parameters)
      #expect(built.runningStatistics == library.runningStatistics)
      #expect(built.nodes.map(\.operation.kind) == library.nodes.map(\.operation.kind))
      #expect(built.nodes.map(\.inputs) == library.nodes.map(\.inputs))
      #expect(built.nodes.map(\.outputShape) == library.nodes.map(\.outputShape))
    }
  }
}

extension NodeParameter {
  /// A tensor in PyTorch's layout as one in ours.
  func ours(_ tensor: OracleTensor) -> OracleTensor {
    switch description.layout {
    case .vector: tensor
    case .convolution, .transposedConvolution: tensor.convolutionWeights()
    case .linear: tensor.linearWeights()
    }
  }
}
