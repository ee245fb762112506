extension ModelParameter {
  fileprivate static let publishedWidth = ModelParameter(
    "width", "the published variant, whose channels are not all in proportion",
    .choice([0.5, 1, 1.5, 2].map { .number($0) }), usual: .number(1))
  fileprivate static let units = ModelParameter(
    "units", "the units of each of the three stages", .counts(3...3, upTo: 64, names: []),
    usual: .counts([4, 8, 4]))
}

extension ModelDescription {
  /// ShuffleNet V2: three stages of units.
  static let shufflenetV2 = ModelDescription(
    "shufflenet-v2", "units of depthwise convolutions that shuffle channels",
    parameters: [.publishedWidth, .units],
    shortNames: [
      ShortName(
        "shufflenet-v2", "ShuffleNet V2 of width 1: sixteen units of depthwise convolutions", [:])
    ],
    usualSamples: .imageNet, build: Network.shufflenetV2)
}

/// A unit of ShuffleNet V2 (Ma and others 2018, arXiv 1807.11164, figure 3): half of the channels go
/// through three convolutions, the other half past them, and a shuffle mixes the two.
///
/// A unit of stride 2 sends all channels through both branches.
private struct ShuffleUnit: Layer {
  let channels: Int
  let stride: Int

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      let half = channels / 2
      var branches = [input, input]
      if stride == 1 {
        branches = try graph.split(input, sizes: [half, half])
      } else {
        branches[0] = try shortcut(of: graph.shape(of: input).channels).build(
          in: &graph, after: input, name: "branch1")
      }
      branches[1] = try body.build(in: &graph, after: branches[1], name: "branch2")
      let joined = try graph.add(Concatenation(), inputs: branches, name: "concat")
      return try graph.add(ChannelShuffle(groups: 2), inputs: [joined], name: "shuffle")
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }

  private var body: Sequential {
    Sequential(
      pointwise("1", channels: channels / 2) + depthwise(channels / 2)
        + pointwise("3", channels: channels / 2))
  }

  private func shortcut(of inputChannels: Int) -> Sequential {
    Sequential(depthwise(inputChannels) + pointwise("3", channels: channels / 2))
  }

  private func pointwise(_ number: String, channels: Int) -> [any Layer] {
    [
      Convolution(1, channels: channels, bias: false).named("conv\(number)"),
      BatchNormalization().named("bn\(number)"), ReLU().named("relu\(number)"),
    ]
  }

  private func depthwise(_ channels: Int) -> [any Layer] {
    [
      Convolution(
        3, channels: channels, stride: AxisValues([stride]), padding: 1, groups: channels,
        bias: false
      ).named("depthwise"),
      BatchNormalization().named("bn2"),
    ]
  }
}

extension Network {
  fileprivate static func shufflenetV2(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    // Table 5 of the paper.
    let (first, last) =
      switch settings.number(.publishedWidth) {
      case 0.5: (48, 1024)
      case 1: (116, 1024)
      case 1.5: (176, 1024)
      default: (244, 2048)
      }
    return try Network(name, input: input) {
      Named("stem") {
        Convolution(3, channels: 24, stride: 2, padding: 1, bias: false).named("conv")
        BatchNormalization().named("bn")
        ReLU().named("relu")
        MaxPooling(3, stride: 2, padding: 1).named("pool")
      }
      for (stage, count) in settings.counts(.units).enumerated() {
        for unit in 0..<count {
          ShuffleUnit(channels: first << stage, stride: unit == 0 ? 2 : 1)
            .named("stage\(stage + 2).unit\(unit + 1)")
        }
      }
      Named("last") {
        Convolution(1, channels: last, bias: false).named("conv")
        BatchNormalization().named("bn")
        ReLU().named("relu")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
