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
  /// ShuffleNet V2 of relative width 1: three stages of 4, 8 and 4 units.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - channels: Those of the stem, of the three stages (even numbers), and of the last convolution.
  ///   - unitsPerStage: The units of each stage; at least one.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func shufflenetV2(
    input: Shape, classes: Int, channels: [Int] = [24, 116, 232, 464, 1024],
    unitsPerStage: [Int] = [4, 8, 4]
  ) throws(NetworkError) -> Network {
    guard channels.count == unitsPerStage.count + 2,
      channels.dropFirst().allSatisfy({ $0 % 2 == 0 })
    else {
      throw NetworkError(
        layer: "shufflenet-v2",
        reason:
          "it needs the channels of its stem, even ones of each of its \(unitsPerStage.count) "
          + "stages, and those of its last convolution, not \(channels)")
    }
    return try Network("shufflenet-v2", input: input) {
      Named("stem") {
        Convolution(3, channels: channels[0], stride: 2, padding: 1, bias: false).named("conv")
        BatchNormalization().named("bn")
        ReLU().named("relu")
        MaxPooling(3, stride: 2, padding: 1).named("pool")
      }
      for (stage, count) in unitsPerStage.enumerated() {
        for unit in 0..<count {
          ShuffleUnit(channels: channels[stage + 1], stride: unit == 0 ? 2 : 1)
            .named("stage\(stage + 2).unit\(unit + 1)")
        }
      }
      Named("last") {
        Convolution(1, channels: channels[channels.count - 1], bias: false).named("conv")
        BatchNormalization().named("bn")
        ReLU().named("relu")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
