import Networks
import Testing

/// What is refused when a node is added, and for a batch, instead of stopping the program later.
@Suite struct NetworkSizeTests {
  /// What is wrong with layers on an input; empty if nothing is.
  private func complaint(
    _ input: Shape, @LayerBuilder _ layers: () -> [any Layer]
  ) -> String {
    do {
      _ = try Network("n", input: input, layers: layers)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func weightsBeyondAllCountingAreRefused() {
    let vector = Shape(channels: 1 << 20)
    #expect(
      complaint(vector) {
        Linear(1 << 30).named("wide")
        SoftmaxCrossEntropy()
      }.hasPrefix("wide: "))
    #expect(
      complaint(vector) {
        Linear(1 << 25).named("large")
        SoftmaxCrossEntropy()
      }.hasPrefix("large: with its w of shape 1048576x33554432 the network would have more than"))
    // Each of them may be; their sum may not.
    #expect(
      complaint(Shape(channels: 1 << 19)) {
        Linear(1 << 19).named("first")
        Linear(1 << 19).named("second")
        Linear(1 << 19).named("third")
        Linear(1 << 19).named("fourth")
        SoftmaxCrossEntropy()
      }.hasPrefix("fourth: "))
    #expect(
      complaint(Shape(channels: 1 << 31)) { SoftmaxCrossEntropy() }.hasPrefix(
        "n: the input's shape"))
    // The most that the engine numbers along an axis.
    #expect(
      complaint(Shape(channels: 1)) {
        Linear(1 << 31).named("long")
        SoftmaxCrossEntropy()
      }.hasPrefix("long: "))
  }

  @Test func mapsThatCannotBeSketchedAreRefused() {
    let complaint = complaint(Shape(1, 1, channels: 1 << 24)) {
      Convolution(1, channels: 2).named("c")
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
    #expect(complaint == "c: a convolution reads at most 16777215 channels, not 16777216")
  }

  @Test func arithmeticBeyondAllCountingIsRefused() {
    // 2^30 pixels of one channel, and a kernel of 2^28 taps: 2^59 multiplications a channel.
    let map = Shape(1 << 15, 1 << 15, channels: 1)
    #expect(
      complaint(map) {
        Convolution(16_384, channels: 4, padding: 8192).named("heavy")
        GlobalAveragePooling()
        SoftmaxCrossEntropy()
      }.hasPrefix("heavy: "))
    #expect(
      complaint(map) {
        AveragePooling(32_768, stride: 1, padding: 16_384).named("heavy")
        GlobalAveragePooling()
        Linear(2)
        SoftmaxCrossEntropy()
      }.hasPrefix("heavy: the windows of this pooling would have 2^48 cells a sample or more"))
  }

  @Test func nodesThatThereAreNotAreRefused() throws {
    var graph = try GraphBuilder(name: "n", input: Shape(channels: 4))
    func reason(_ inputs: [NodeID]) -> String {
      do {
        try graph.add(ReLU(), inputs: inputs, name: "r\(inputs)")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(reason([7]) == "r[7]: it reads node 7; the nodes before it are 0 to 0")
    #expect(reason([-1]) == "r[-1]: it reads node -1; the nodes before it are 0 to 0")
    try graph.add(Linear(3), inputs: [0])
    try graph.add(SoftmaxCrossEntropy(), inputs: [1])
    #expect(reason([2]) == "r[2]: it reads 'loss1', a loss, which yields no value")
    #expect(reason([0]) == "")
  }

  /// A batch of a map of 2^28 numbers, up to 2^48.
  @Test func batchesBeyondAllCountingAreRefused() throws {
    let network = try Network("n", input: Shape(1 << 14, 1 << 14, channels: 1)) {
      AveragePooling(2).named("pool")
      GlobalAveragePooling()
      Linear(2)
      SoftmaxCrossEntropy()
    }
    try network.requireCountable(batchSize: 1 << 19)
    let error = #expect(throws: NetworkError.self) {
      try network.requireCountable(batchSize: 1 << 20)
    }
    #expect(error?.layer == "input")
    #expect(error?.reason.contains("a batch of 1048576 is too large") == true)
    // 31² taps of 2^8 channels for 2^4 channels of 2^20 pixels: 2^43 operations a sample.
    let heavy = try Network("n", input: Shape(1 << 10, 1 << 10, channels: 1 << 8)) {
      Convolution(31, channels: 16, padding: 15).named("c")
      GlobalAveragePooling()
      Linear(2)
      SoftmaxCrossEntropy()
    }
    try heavy.requireCountable(batchSize: 1 << 10)
    let other = #expect(throws: NetworkError.self) {
      try heavy.requireCountable(batchSize: 1 << 18)
    }
    #expect(other?.layer == "c", "\(String(describing: other))")
    #expect(other?.reason.contains("more than 2^60 operations") == true)
  }

  @Test func sumsOfValuesBeyondAllCountingAreRefused() throws {
    let network = try Network("n", input: Shape(1 << 13, 1 << 14, channels: 1)) {
      for index in 0..<200 { ReLU().named("r\(index)") }
      GlobalAveragePooling()
      Linear(2)
      SoftmaxCrossEntropy()
    }
    let error = #expect(throws: NetworkError.self) {
      try network.requireCountable(batchSize: 1_000_000)
    }
    #expect(error?.reason.contains("one value too many") == true, "\(String(describing: error))")
    try network.requireCountable(batchSize: 1 << 10)
  }

  // MARK: Training

  @Test func normalisationOfOneValueIsNoTraining() throws {
    func network(frozen: Bool) throws -> Network {
      try Network("n", input: Shape(2, 2, channels: 3)) {
        BatchNormalization(frozen: frozen).named("first")
        AveragePooling(2)
        BatchNormalization(frozen: frozen).named("second")
        Flatten()
        Linear(2)
        SoftmaxCrossEntropy()
      }
    }
    let live = try network(frozen: false)
    let error = #expect(throws: NetworkError.self) { try live.requireTrainable(batchSize: 1) }
    #expect(error?.layer == "second")
    #expect(error?.reason.contains("one value a channel") == true)
    #expect(!live.learns(fromBatchOf: 1))
    #expect(live.learns(fromBatchOf: 2))
    try live.requireTrainable(batchSize: 2)
    try network(frozen: true).requireTrainable(batchSize: 1)
  }
}
