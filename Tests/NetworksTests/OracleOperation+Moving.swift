import Kernels
import Networks
import OracleSupport

/// One case of `operations.safetensors`, as an operation and the tensors around it.
struct MovingCase {
  /// What runs; several for a split.
  let operations: [any NetworkOperation]
  /// The input tensors, in the operation's order; one may appear twice.
  let inputs: [String]
  /// The output tensors, one for each operation.
  let outputs: [String]
  /// The fields that say what runs; a case with any other fails.
  let fields: Set<String>

  /// The fields that say how a case is compared.
  private static let general: Set = ["name", "op", "tol", "exact", "shape", "output_size"]

  init(
    _ operations: [any NetworkOperation], inputs: [String] = ["x"], outputs: [String] = ["y"],
    fields: Set<String>
  ) {
    self.operations = operations
    self.inputs = inputs
    self.outputs = outputs
    self.fields = fields.union(Self.general)
  }

  /// The case, if it is one of moving data, resampling or transposed convolution.
  init?(_ oracle: OracleCase) throws {
    let fields = oracle.fields
    func axes(_ name: String) throws -> AxisValues { AxisValues(try fields.integers(name)) }
    switch try fields.string("op") {
    case "pixel_shuffle":
      self.init(
        [PixelShuffle(AxisValues([try fields.integer("factor")]))], fields: ["factor"])
    case "pixel_unshuffle":
      self.init(
        [PixelUnshuffle(AxisValues([try fields.integer("factor")]))], fields: ["factor"])
    case "channel_shuffle":
      self.init([ChannelShuffle(groups: try fields.integer("groups"))], fields: ["groups"])
    case "pad":
      self.init(
        [Padding(try axes("before"), after: try axes("after"), mode: try fields.paddingMode())],
        fields: ["mode", "value", "before", "after"])
    case "pad_channels":
      self.init(
        [
          ChannelPadding(
            before: try fields.integer("before"), after: try fields.integer("after"))
        ], fields: ["before", "after"])
    case "slice":
      self.init(
        [
          ChannelSlice(
            from: try fields.integer("start"), to: try fields.integer("stop"),
            step: try fields.integer("step"))
        ], fields: ["start", "stop", "step"])
    case "split":
      try self.init(split: fields.integers("sizes"), channels: oracle.shape("x")[1])
    case "concat":
      let order = try fields.contains("order") ? fields.integers("order") : []
      let all = try fields.integers("channels").indices
      self.init(
        [Concatenation()], inputs: (order.isEmpty ? Array(all) : order).map { "x\($0)" },
        fields: ["channels", "order"])
    case "upsample":
      self.init(
        [try fields.resampling()], fields: ["mode", "align_corners", "scale"])
    case "conv_transpose":
      self.init(
        [
          TransposedConvolution(
            try axes("kernel"), channels: try fields.integer("K"), stride: try axes("stride"),
            padding: try axes("pad"), outputPadding: try axes("output_padding"),
            dilation: try axes("dilation"), groups: try fields.integer("groups"),
            bias: try fields.bool("bias"))
        ],
        fields: [
          "N", "C", "K", "size", "kernel", "stride", "pad", "output_padding", "dilation",
          "groups", "bias",
        ])
    default: return nil
    }
  }

  /// The slices that a builder makes of a split.
  private init(split sizes: [Int], channels: Int) throws {
    var graph = try GraphBuilder(name: "split", input: Shape(1, channels: channels))
    let slices = try graph.split(Network.input, sizes: sizes)
    let joined = try graph.add(Concatenation(), inputs: slices)
    let scores = try graph.add(Flatten(), inputs: [joined])
    let logits = try graph.add(Linear(2), inputs: [scores])
    try graph.add(SoftmaxCrossEntropy(), inputs: [logits])
    let network = try graph.network()
    self.init(
      slices.map { network.nodes[$0].operation }, outputs: slices.indices.map { "y\($0)" },
      fields: ["sizes"])
  }
}

extension OracleFields {
  fileprivate func paddingMode() throws -> PaddingMode {
    switch try string("mode") {
    case "zero": .constant(0)
    case "constant": .constant(try float("value"))
    case "reflect": .reflect
    case "replicate": .replicate
    case let mode: throw UnknownField("mode \(mode) of a padding")
    }
  }

  fileprivate func resampling() throws -> any NetworkOperation {
    let method: ResamplingMethod
    switch try string("mode") {
    case "nearest": method = .nearest
    case "linear": method = .linear(alignsCorners: try bool("align_corners"))
    case let mode: throw UnknownField("mode \(mode) of an upsampling")
    }
    return contains("scale")
      ? Resampling(scales: try doubles("scale"), method: method)
      : Resampling(size: AxisValues(try integers("output_size")), method: method)
  }
}

/// A value that no operation here has.
struct UnknownField: Error, CustomStringConvertible {
  let description: String

  init(_ field: String) { description = "unknown \(field)" }
}
