import Networks
import OracleSupport

/// The networks of the reference, built from all fields of a case.
enum OracleNetwork {
  /// Builds the network of a case.
  ///
  /// - Throws: `OracleError` if there is no such network.
  static func build(_ oracle: OracleCase) throws -> Network {
    let fields = oracle.fields
    switch try fields.string("network") {
    case "lenet":
      return try lenet(
        channels: fields.integers("channels"), hidden: fields.integers("hidden"))
    case "resnet8":
      return try residual(
        widths: fields.integers("widths"), strides: fields.integers("strides"),
        normalization: BatchNormalization(
          epsilon: fields.float("bn_eps"), momentum: fields.float("bn_momentum")))
    case "siamese":
      return try siamese(
        size: fields.integers("size"), channels: fields.integers("channels"),
        classes: fields.integer("classes"), join: fields.string("join"),
        normalization: BatchNormalization(
          epsilon: fields.float("bn_eps"), momentum: fields.float("bn_momentum")))
    case let name: throw OracleError("case '\(oracle)' is of '\(name)', which nobody builds")
    }
  }

  private static let input = Shape(28, 28, channels: 1)
  private static let classes = 10

  private static func lenet(channels: [Int], hidden: [Int]) throws -> Network {
    guard channels.count == 2 else {
      throw OracleError("a LeNet has two convolutions, not \(channels.count)")
    }
    return try Network("lenet", input: input) {
      Convolution(5, channels: channels[0], padding: 2)
      ReLU()
      MaxPooling(2)
      Convolution(5, channels: channels[1])
      ReLU()
      MaxPooling(2)
      Flatten()
      for width in hidden {
        Linear(width)
        ReLU()
      }
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }

  private static func residual(
    widths: [Int], strides: [Int], normalization: BatchNormalization
  ) throws -> Network {
    guard widths.count == strides.count, let stem = widths.first else {
      throw OracleError("every block has a width and a stride")
    }
    return try Network("resnet8", input: input) {
      Named("stem") {
        Convolution(3, channels: stem, padding: 1, bias: false).named("conv")
        normalization.named("bn")
        ReLU()
      }
      for (index, (width, stride)) in zip(widths, strides).enumerated() {
        Named("block\(index + 1)") {
          Residual {
            Convolution(3, channels: width, stride: AxisValues([stride]), padding: 1, bias: false)
            normalization
            ReLU()
            Convolution(3, channels: width, padding: 1, bias: false)
            normalization
          } shortcut: {
            if stride != 1 || width != (index == 0 ? stem : widths[index - 1]) {
              Convolution(1, channels: width, stride: AxisValues([stride]), bias: false)
                .named("conv")
              normalization.named("bn")
            }
          }
          ReLU()
        }
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }

  /// One body on two images, which are the channels of a sample.
  private static func siamese(
    size: [Int], channels: [Int], classes: Int, join: String, normalization: BatchNormalization
  ) throws -> Network {
    guard channels.count == 2 else {
      throw OracleError("the body has two convolutions, not \(channels.count)")
    }
    let joint: any NetworkOperation
    switch join {
    case "concatenate": joint = Concatenation()
    case "subtract": joint = Subtract()
    default: throw OracleError("nobody joins by '\(join)'")
    }
    func body() -> [any Layer] {
      [
        Convolution(3, channels: channels[0], padding: 1, bias: false).named("conv1"),
        normalization.named("bn1"), ReLU(),
        Convolution(3, channels: channels[1], stride: 2).named("conv2"), ReLU(),
      ]
    }
    var graph = try GraphBuilder(name: "siamese", input: Shape(spatial: size, channels: 2))
    let images = try [0, 1].map {
      try graph.add(ChannelSlice(from: $0, to: $0 + 1), inputs: [Network.input])
    }
    let first = try Sequential(body()).build(in: &graph, after: images[0], name: "body")
    let second = try Repeated("body", as: "again") { body() }
      .build(in: &graph, after: images[1], name: nil)
    let joined = try graph.add(joint, inputs: [first, second])
    let means = try graph.add(GlobalAveragePooling(), inputs: [joined])
    let scores = try graph.add(Linear(classes), inputs: [means], name: "fc")
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    return try graph.network()
  }
}
