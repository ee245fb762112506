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
}
