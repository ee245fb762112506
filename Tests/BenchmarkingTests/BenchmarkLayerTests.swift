import Calibration
import Files
import Kernels
import Networks
import Testing

@Suite struct BenchmarkLayerTests {
  // MARK: The table

  /// What the engine is to be judged by, spelled independently of the table.
  @Test(arguments: [
    "16,64,56,56,64,3,3,1,1,1,1", "16,128,28,28,128,3,3,1,1,1,1", "16,256,14,14,256,3,3,1,1,1,1",
    "16,256,56,56,64,1,1,1,0,1,1", "16,64,56,56,256,1,1,1,0,1,1",
    "16,64,56,56,128,3,3,2,1,1,1", "16,3,224,224,64,7,7,2,3,1,1",
    "128,1,28,28,32,3,3,1,1,1,1", "128,32,28,28,32,3,3,1,1,1,1", "64,6,28,28,16,5,5,1,2,1,1",
    "16,128,28,28,128,3,3,1,1,1,128", "16,128,28,28,128,5,5,1,2,1,128",
    "16,128,28,28,128,3,3,1,1,1,8", "16,128,28,28,128,3,3,1,2,2,1",
  ])
  func theTableHoldsEveryMapLayer(spelling: String) throws {
    let layer = try BenchmarkLayer(parsing: spelling)
    #expect(layer.name == spelling)
    #expect(BenchmarkLayer.table.count { $0.geometry == layer.geometry } == 1)
  }

  @Test func theTableHoldsTheLayerOfThreeAxesAndNoOther() throws {
    let volume = try ConvolutionGeometry(
      batchSize: 2, inputChannels: 16, outputChannels: 32, inputExtent: Extent3(repeating: 32),
      kernelExtent: Extent3(repeating: 3), paddingBefore: Extent3(repeating: 1),
      paddingAfter: Extent3(repeating: 1))
    #expect(BenchmarkLayer.table.contains { $0.geometry == volume })
    #expect(BenchmarkLayer.table.count == 15)
  }

  @Test func everyLayerOfTheTableIsFoundByItsName() throws {
    for layer in BenchmarkLayer.table {
      #expect(try BenchmarkLayer(parsing: layer.name) == layer)
    }
  }

  // MARK: Spelling

  @Test func theNumbersOfASpellingStandInOrder() throws {
    let geometry = try BenchmarkLayer(parsing: "2,4,9,11,6,3,5,2,1,1,2").geometry
    #expect(geometry.batchSize == 2)
    #expect(geometry.inputChannels == 4)
    #expect(geometry.inputExtent == Extent3(depth: 1, height: 9, width: 11))
    #expect(geometry.outputChannels == 6)
    #expect(geometry.kernelExtent == Extent3(depth: 1, height: 3, width: 5))
    #expect(geometry.stride == Extent3(depth: 1, height: 2, width: 2))
    #expect(geometry.paddingBefore == Extent3(depth: 0, height: 1, width: 1))
    #expect(geometry.paddingAfter == geometry.paddingBefore)
    #expect(geometry.dilation == Extent3(repeating: 1))
    #expect(geometry.groups == 2)
    #expect(geometry.trafficByteCount == 4 * (2 * 99 * 4 + 2 * 25 * 6 + 15 * 2 * 6))
  }

  @Test(arguments: [
    ("1,2,3", "eleven whole numbers"), ("1,2,3,4,5,6,7,8,9,10,x", "eleven whole numbers"),
    ("1,2,3,4,5,6,7,8,9,10,11,", "eleven whole numbers"),
    ("1,3,4,4,8,9,9,1,0,1,1", "the kernel of the convolution spans 9 positions"),
    ("1,3,4,4,8,3,3,1,1,1,2", "do not divide into 2 groups"),
    ("0,3,4,4,8,3,3,1,1,1,1", "batch size"),
    ("2000,640,6400,6400,640,3,3,1,1,1,1", "too large"),
  ])
  func whatIsNoLayerIsExplained(spelling: String, part: String) throws {
    let error = #expect(throws: BenchmarkError.self) { try BenchmarkLayer(parsing: spelling) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(spelling) == true)
    #expect(error?.category == .wrongUsage)
  }

  @Test func aMisspeltNameIsCorrected() {
    let error = #expect(throws: UnknownNameError.self) {
      try BenchmarkLayer(parsing: "3x3-28x28-128-12")
    }
    #expect(error?.description.contains("did you mean '3x3-28x28-128-128'?") == true)
  }

  @Test func directionsHaveShortNames() throws {
    #expect(ConvolutionDirection.allCases.map(\.shortName) == ["forward", "data", "weights"])
    for direction in ConvolutionDirection.allCases {
      #expect(try ConvolutionDirection(shortName: direction.shortName) == direction)
    }
    #expect(throws: BenchmarkError.self) { try ConvolutionDirection(shortName: "backward") }
  }

  // MARK: Networks

  @Test func theLayersOfANetworkDifferAndKeepTheirOrder() throws {
    let network = try Network("net", input: Shape(8, 8, channels: 3)) {
      Convolution(3, channels: 3, padding: 1).named("first")
      Convolution(3, channels: 3, padding: 1).named("same")
      ReLU()
      Convolution(3, channels: 6, stride: 2, groups: 3).named("second")
      Flatten()
      Linear(5).named("last")
      SoftmaxCrossEntropy()
    }
    let layers = try BenchmarkLayer.layers(of: network, batchSize: 7)
    #expect(layers.map(\.name) == ["net.first", "net.second", "net.last"])
    let spellings = ["7,3,8,8,3,3,3,1,1,1,1", "7,3,8,8,6,3,3,2,0,1,3", "7,54,1,1,5,1,1,1,0,1,1"]
    #expect(
      layers.map(\.geometry) == (try spellings.map { try BenchmarkLayer(parsing: $0).geometry }))
  }

  @Test func aBatchBeyondAnyMachineIsRefused() throws {
    let network = try Model.lenet.network(input: Shape(28, 28, channels: 1), classes: 10)
    let error = #expect(throws: BenchmarkError.self) {
      try BenchmarkLayer.layers(of: network, batchSize: 1 << 30)
    }
    #expect(error?.description.contains("lenet.conv1") == true)
  }
}
