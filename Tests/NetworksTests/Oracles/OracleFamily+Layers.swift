import Networks
import OracleSupport

extension OracleFields {
  /// One number an axis.
  func axes(_ name: String) throws -> AxisValues { AxisValues(try integers(name)) }
}

extension OracleFamily {
  /// Products with weights, and rectifiers.
  static let layers: [String: OracleFamily] = [
    "conv": .graph { oracle in
      let fields = oracle.fields
      return OracleGraph(
        Convolution(
          try fields.axes("kernel"), channels: try fields.integer("K"),
          stride: try fields.axes("stride"), padding: try fields.axes("pad"),
          dilation: try fields.axes("dilation"), groups: try fields.integer("groups"),
          bias: try fields.bool("bias")),
        parameters: try fields.bool("bias") ? ["w", "b"] : ["w"])
    },
    "linear": .graph { oracle in
      let hasBias = try oracle.fields.bool("bias")
      return OracleGraph(
        Linear(try oracle.fields.integer("out"), bias: hasBias),
        parameters: hasBias ? ["w", "b"] : ["w"])
    },
    "relu": .graph { _ in OracleGraph(ReLU()) },
    "leakyrelu": .graph { oracle in
      OracleGraph(ReLU(negativeSlope: try oracle.fields.float("negative_slope")))
    },
  ]

  /// Operations that join values.
  static let joins: [String: OracleFamily] = [
    "add": .graph { _ in OracleGraph(Add(), inputs: ["x0", "x1"]) },
    "add_relu": .graph { _ in
      OracleGraph([
        OracleGraph.Node("sum", Add(), inputs: ["x0", "x1"]),
        OracleGraph.Node("y", ReLU(), inputs: ["sum"]),
      ])
    },
    "concat": .graph { oracle in
      let channels = try oracle.fields.integers("channels")
      let order =
        oracle.fields.contains("order")
        ? try oracle.fields.integers("order") : Array(channels.indices)
      for (index, count) in channels.enumerated() {
        guard try oracle.shape("x\(index)")[1] == count else {
          throw OracleError("x\(index) of case '\(oracle.name)' has not \(count) channels")
        }
      }
      return OracleGraph(Concatenation(), inputs: order.map { "x\($0)" })
    },
  ]

  /// Normalisations.
  static let normalizations: [String: OracleFamily] = [
    "batchnorm_train": .graph { oracle in
      OracleGraph(
        BatchNormalization(
          epsilon: try oracle.fields.float("eps"), momentum: try oracle.fields.float("momentum")),
        parameters: ["gamma", "beta"], statistics: ["running_mean_in", "running_var_in"])
    },
    "batchnorm_eval": .graph { oracle in
      OracleGraph(
        BatchNormalization(epsilon: try oracle.fields.float("eps"), frozen: true),
        parameters: ["gamma", "beta"], statistics: ["running_mean_in", "running_var_in"])
    },
  ]
}
