import Kernels
import Networks
import OracleSupport

extension OracleFamily {
  /// Pooling.
  static let pooling: [String: OracleFamily] = [
    "maxpool": .graph { oracle in
      let fields = oracle.fields
      let padding = try fields.padding()
      return OracleGraph(
        MaxPooling(
          try fields.axes("kernel"), stride: try fields.axes("stride"), padding: padding.before,
          paddingAfter: padding.after,
          dilation: fields.contains("dilation") ? try fields.axes("dilation") : 1,
          ceilMode: fields.contains("ceil_mode") ? try fields.bool("ceil_mode") : false))
    },
    "avgpool": .graph { oracle in
      let fields = oracle.fields
      let padding = try fields.padding()
      return OracleGraph(
        AveragePooling(
          try fields.axes("kernel"), stride: try fields.axes("stride"), padding: padding.before,
          paddingAfter: padding.after,
          ceilMode: fields.contains("ceil_mode") ? try fields.bool("ceil_mode") : false,
          countsPadding: try fields.bool("count_include_pad")))
    },
    "adaptive_avgpool": .graph { oracle in
      OracleGraph(AveragePooling.adaptive(to: try oracle.fields.axes("output_size")))
    },
    "global_avgpool": .graph { _ in OracleGraph(GlobalAveragePooling()) },
    "global_maxpool": .graph { _ in OracleGraph(MaxPooling.global) },
  ]

  /// Operations that move data, resample it or scatter it.
  static let moving: [String: OracleFamily] = [
    "conv_transpose": .graph { oracle in
      let fields = oracle.fields
      let hasBias = try fields.bool("bias")
      return OracleGraph(
        TransposedConvolution(
          try fields.axes("kernel"), channels: try fields.integer("K"),
          stride: try fields.axes("stride"), padding: try fields.axes("pad"),
          outputPadding: try fields.axes("output_padding"),
          dilation: try fields.axes("dilation"), groups: try fields.integer("groups"),
          bias: hasBias),
        parameters: hasBias ? ["w", "b"] : ["w"])
    },
    "upsample": .graph { oracle in
      let fields = oracle.fields
      let method: ResamplingMethod
      switch try fields.string("mode") {
      case "nearest": method = .nearest
      case "linear": method = .linear(alignsCorners: try fields.bool("align_corners"))
      case let mode: throw OracleError("case '\(oracle)' has the mode '\(mode)'")
      }
      return OracleGraph(
        fields.contains("scale")
          ? Resampling(scales: try fields.doubles("scale"), method: method)
          : Resampling(size: try fields.axes("output_size"), method: method))
    },
    "pixel_shuffle": .graph { oracle in
      OracleGraph(PixelShuffle(AxisValues([try oracle.fields.integer("factor")])))
    },
    "pixel_unshuffle": .graph { oracle in
      OracleGraph(PixelUnshuffle(AxisValues([try oracle.fields.integer("factor")])))
    },
    "channel_shuffle": .graph { oracle in
      OracleGraph(ChannelShuffle(groups: try oracle.fields.integer("groups")))
    },
    "pad": .graph { oracle in
      let fields = oracle.fields
      let mode: PaddingMode
      switch try fields.string("mode") {
      case "zero": mode = .constant(0)
      case "constant": mode = .constant(try fields.float("value"))
      case "reflect": mode = .reflect
      case "replicate": mode = .replicate
      case let other: throw OracleError("case '\(oracle)' has the mode '\(other)'")
      }
      return OracleGraph(
        Padding(try fields.axes("before"), after: try fields.axes("after"), mode: mode))
    },
    "pad_channels": .graph { oracle in
      OracleGraph(
        ChannelPadding(
          before: try oracle.fields.integer("before"), after: try oracle.fields.integer("after")))
    },
    "slice": .graph { oracle in
      let fields = oracle.fields
      return OracleGraph(
        ChannelSlice(
          from: try fields.integer("start"), to: try fields.integer("stop"),
          step: try fields.integer("step")))
    },
    "split": .graph { oracle in
      // The slices that a builder makes; all are exact, and nothing is left for the tolerance.
      _ = try oracle.fields.float("tol")
      let channels = try oracle.shape("x")[1]
      var graph = try GraphBuilder(name: "split", input: Shape(1, channels: channels))
      let slices = try graph.split(Network.input, sizes: oracle.fields.integers("sizes"))
      let joined = try graph.add(Concatenation(), inputs: slices)
      let scores = try graph.add(Flatten(), inputs: [joined])
      try graph.add(
        SoftmaxCrossEntropy(), inputs: [graph.add(Linear(2), inputs: [scores])])
      let network = try graph.network()
      return OracleGraph(
        slices.enumerated().map { index, slice in
          OracleGraph.Node("y\(index)", network.nodes[slice].operation, inputs: ["x"])
        })
    },
  ]
}

extension OracleFields {
  /// The padding, the same on both sides or not.
  fileprivate func padding() throws -> (before: AxisValues, after: AxisValues) {
    contains("pad")
      ? (try axes("pad"), try axes("pad")) : (try axes("pad_before"), try axes("pad_after"))
  }
}
