import Files
import Networks
import Planning
import Schedules
import Testing

/// What `trace` keeps of each map.
@Suite struct TraceTests {
  /// The representation that the second convolution of a network reads its input in.
  private func representation(_ strategy: String, width: Int, channels: Int = 3) throws
    -> Representation
  {
    let network = try Network("two", input: Shape(width, 7, channels: 1)) {
      Convolution(3, channels: channels, padding: 1)
      ReLU()
      Convolution(3, channels: 2)
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
    let step = try Step.training(
      network, strategy: Strategy(parsing: strategy), batchSize: 5, threadCount: 2)
    return step.firstSchedule.representations[3][0]
  }

  private static let strategies = [
    "", ",bits=8", ",bits=4", ",bits=2", ",bits=32", ",deflate=none", ",mask",
    ",estimator=gaussian", ",estimator=rademacher,bits=8",
    ",estimator=gaussian-per-sample,deflate=mean",
  ]

  @Test(arguments: strategies)
  func sketchesTakeAtMostTheBytesOfTheirProbes(options: String) throws {
    var sketched = 0
    for probes in [2, 3, 4, 7, 8, 16, 33, 64] {
      for width in [3, 7, 9, 28] {
        let representation = try representation("trace:\(probes)\(options)", width: width)
        let shape = Shape(width, 7, channels: 3)
        let byteCount = representation.byteCount(of: shape, batchSize: 5)
        guard case .sketch(let sketch) = representation else {
          #expect(representation == .whole)
          #expect(width * 7 <= probes)
          continue
        }
        sketched += 1
        #expect(width * 7 > probes)
        #expect(byteCount <= 4 * probes * 3 * 5, "\(sketch)")
        #expect(byteCount < shape.byteCount(batchSize: 5))
        // No more than a row of buckets is left unused.
        let isWhole = sketch.size == width * 7
        #expect(isWhole || byteCount + 4 * 3 * 5 > 4 * probes * 3 * 5, "\(sketch)")
      }
    }
    #expect(sketched > 8)
  }

  @Test(arguments: [
    // 784 pixels: bits fall as long as the buckets stay below 235.
    (4, 112, "fold:48,deflate=mean,bits=2"), (16, 112, "fold:120,deflate=mean,bits=4"),
    (64, 112, "fold:252,deflate=mean,bits=8"),
    // 196 pixels, then 49: where eight bits hold every pixel, they do.
    (16, 28, "fold:60,deflate=mean,bits=8"), (64, 28, "fold:196,deflate=mean,bits=8"),
    (4, 7, "fold:24,deflate=mean,bits=4"), (16, 7, "fold:49,deflate=mean,bits=8"),
    // A single float holds no mean.
    (1, 7, "fold:8,bits=2"),
  ])
  func bitsAreChosenForEachMap(probes: Int, width: Int, expected: String) throws {
    #expect(
      try representation("trace:\(probes)", width: width, channels: 64).description
        == "sketch(\(expected))")
  }

  /// With three channels folding takes as long as multiplying; the second convolution of a block that
  /// steps over pixels has a quarter of them.
  @Test func pixelsHaveBucketsOfTheirOwnWhereFoldsSaveNoTime() throws {
    for (probes, expected) in [
      (8, "fold:56,deflate=mean,bits=4"), (16, "fold:196,deflate=mean,bits=2"),
      (32, "fold:196,deflate=mean,bits=4"), (64, "fold:196,deflate=mean,bits=8"),
    ] {
      #expect(
        try representation("trace:\(probes)", width: 28).description == "sketch(\(expected))")
    }
    let network = try Model.resnet8.network(input: Shape(28, 28, channels: 1), classes: 10)
    let step = try Step.training(
      network, strategy: Strategy(parsing: "trace:16"), batchSize: 2, threadCount: 1)
    let sketches = Dictionary(
      uniqueKeysWithValues: network.nodes.map {
        ($0.name, step.firstSchedule.representations[$0.id].first?.description)
      })
    #expect(sketches["block2.conv2"] == "sketch(fold:60,deflate=mean,bits=8)")
    #expect(sketches["block3.conv1"] == "sketch(fold:196,deflate=mean,bits=2)")
    #expect(sketches["block3.shortcut.conv"] == "sketch(fold:196,deflate=mean,bits=2)")
  }

  /// Two bytes of the map go to the mean of its positive pixels; a pooled map has no mask of its own.
  @Test func masksServeWhereARectifierKeepsThem() throws {
    #expect(
      try representation("trace:16,mask", width: 28, channels: 64).description
        == "sketch(fold:58,deflate=mean,bits=8,mask)")
    let network = try Model.vgg8.network(input: Shape(28, 28, channels: 1), classes: 10)
    let step = try Step.training(
      network, strategy: Strategy(parsing: "trace:16,mask"), batchSize: 2, threadCount: 1)
    let kinds = network.nodes.filter { $0.operation is Convolution }.map { node in
      step.firstSchedule.representations[node.id][0].readsMask
    }
    // The first convolution reads the images, the third and the fifth a pooled map.
    #expect(kinds == [false, true, false, true, false])
  }

  @Test func smallMapsStayWhole() throws {
    #expect(try representation("trace:49", width: 7) == .whole)
    #expect(try representation("trace:48", width: 7).kind == .sketch)
    #expect(try representation("trace:49,estimator=gaussian", width: 7) == .whole)
  }

  @Test func probesOverChannelsKeepGroupedConvolutionsWhole() throws {
    for groups in [1, 2] {
      let network = try Network("groups", input: Shape(9, 9, channels: 1)) {
        Convolution(3, channels: 4, padding: 1)
        ReLU()
        Convolution(3, channels: 4, groups: groups)
        GlobalAveragePooling()
        SoftmaxCrossEntropy()
      }
      for estimator in ["gaussian-multichannel", "orthogonal"] {
        let step = try Step.training(
          network, strategy: Strategy(parsing: "trace:6,estimator=\(estimator)"), batchSize: 5,
          threadCount: 2)
        #expect(step.firstSchedule.representations[3][0].kind == (groups == 1 ? .sketch : .whole))
      }
    }
  }
}

/// A budget that layers share.
@Suite struct TraceAllocationTests {
  private func sketches(_ trace: Trace, _ model: Model, batchSize: Int) throws -> [NodeID:
    Representation]
  {
    let network = try model.network(input: Shape(28, 28, channels: 1), classes: 10)
    let step = try Step.training(
      network, strategy: Strategy(approximation: .trace(trace)), batchSize: batchSize,
      threadCount: 1)
    var found: [NodeID: Representation] = [:]
    for node in network.nodes where node.operation is Convolution && node.inputs != [0] {
      found[node.inputs[0]] = step.firstSchedule.representations[node.id][0]
    }
    return found
  }

  private func byteCount(_ sketches: [NodeID: Representation], _ model: Model, batchSize: Int)
    throws -> Int
  {
    let network = try model.network(input: Shape(28, 28, channels: 1), classes: 10)
    return sketches.reduce(0) { sum, entry in
      sum + entry.value.byteCount(of: network.nodes[entry.key].outputShape, batchSize: batchSize)
    }
  }

  @Test(arguments: [Model.vgg8, .resnet8, .resnet18])
  func budgetsAreKeptAndUsed(model: Model) throws {
    let whole = try byteCount(
      sketches(Trace(.bytes(1 << 40)), model, batchSize: 4), model, batchSize: 4)
    for share in [0.02, 0.04, 0.1, 0.3, 0.9, 1] {
      let budget = Int(Double(whole) * share)
      let found = try sketches(Trace(.bytes(budget)), model, batchSize: 4)
      let taken = try byteCount(found, model, batchSize: 4)
      #expect(taken <= budget)
      // Between two bits for every pixel and more bits lie sizes that would err more, not less. Below,
      // what is over is less than a row of bytes for the widest value.
      #expect(taken > budget - 4 * 512 || share > 0.05, "\(share)")
      #expect((share == 1) == found.values.allSatisfy { $0 == .whole })
    }
  }

  @Test func nothingThatFitsIsRefusedAndNothingElse() throws {
    // 32, 32, 64 and 64 maps, each of a scale, a mean and a byte of buckets at the least.
    let least = 3 * (32 + 32 + 64 + 64) * 5
    _ = try sketches(Trace(.bytes(least)), .vgg8, batchSize: 3)
    let error = #expect(throws: ScheduleError.self) {
      try sketches(Trace(.bytes(least - 1)), .vgg8, batchSize: 3)
    }
    #expect(error?.category == .overBudget)
    #expect(error?.description.contains("2.81 KiB") == true, "\(error?.description ?? "")")
  }

  /// m ∝ √(V/c): four times the variance takes twice the buckets.
  @Test func bucketsGrowWithTheRootOfTheVariance() throws {
    let trace = try Trace(.bytes(40_000))
    let values = try sketches(trace, .vgg8, batchSize: 16).keys.sorted()
    func sizes(_ variances: [Double]) throws -> [Int] {
      let replanned = trace.replanned(from: .init(uniqueKeysWithValues: zip(values, variances)))
      let found = try sketches(replanned, .vgg8, batchSize: 16)
      return values.map { value in
        guard case .sketch(let sketch)? = found[value] else { return 0 }
        #expect(sketch.storage == .int2)
        return sketch.size
      }
    }
    // Inputs of 32, 32, 64 and 64 channels: variances in the same ratio make sketches equal.
    let equal = try sizes([1, 1, 2, 2])
    #expect(Set(equal).count <= 2 && equal[0] >= 20)
    let uneven = try sizes([4, 1, 2, 2])
    #expect(abs(Double(uneven[0]) / Double(uneven[1]) - 2) < 0.25, "\(uneven)")
    #expect(try sizes([400, 100, 200, 200]) == uneven)
  }

  @Test func measuredVariancesChangeNothingUnderANumberOfProbes() throws {
    let trace = try Trace(.probes(8))
    #expect(trace.replanned(from: [2: 5]) == trace)
    let budget = try Trace(.bytes(1000))
    #expect(budget.replanned(from: [2: .nan, 3: 0]) == budget)
    #expect(budget.replanned(from: [2: 5]) != budget)
  }

  /// All that measured variances change is how the bytes are shared out.
  @Test(arguments: ["trace:64KiB", "microbatch:2+trace:64KiB", "microbatch:3+sqrt+trace:64KiB"])
  func nothingElseOfAStrategyIsReplanned(spelling: String) throws {
    let strategy = try Strategy(parsing: spelling)
    var replanned = strategy.replanned(from: [2: 5])
    #expect(replanned != strategy)
    replanned.approximation = strategy.approximation
    #expect(replanned == strategy)
  }
}
