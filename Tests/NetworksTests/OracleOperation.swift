import Kernels
import Networks
import OracleSupport

/// The operations of the layer oracles that exist, by the oracles' names.
enum OracleOperation: String, CaseIterable {
  case batchNormalizationTraining = "batchnorm_train"
  case batchNormalizationInference = "batchnorm_eval"
  case relu
  case leakyReLU = "leakyrelu"
  case maxPooling = "maxpool"
  case averagePooling = "avgpool"
  case globalAveragePooling = "global_avgpool"
  case linear
  case crossEntropy = "cross_entropy"
  case add
  case addReLU = "add_relu"
  case concatenation = "concat"
  case softDice = "dice"

  /// The names of the input tensors.
  var inputs: [String] {
    switch self {
    case .crossEntropy, .softDice: ["logits"]
    case .add, .addReLU: ["x0", "x1"]
    case .concatenation: ["x0", "x1", "x2"]
    default: ["x"]
    }
  }

  /// The names of the parameter tensors.
  var parameters: [String] {
    switch self {
    case .batchNormalizationTraining, .batchNormalizationInference: ["gamma", "beta"]
    case .linear: ["w", "b"]
    default: []
    }
  }

  private func operation(_ fields: OracleFields) throws -> any NetworkOperation {
    func axes(_ name: String) throws -> AxisValues { AxisValues(try fields.integers(name)) }
    switch self {
    case .batchNormalizationTraining:
      return BatchNormalization(
        epsilon: try fields.float("eps"), momentum: try fields.float("momentum"))
    case .batchNormalizationInference:
      return BatchNormalization(epsilon: try fields.float("eps"), frozen: true)
    case .relu: return ReLU()
    case .leakyReLU: return ReLU(negativeSlope: try fields.float("negative_slope"))
    case .maxPooling:
      return MaxPooling(try axes("kernel"), stride: try axes("stride"), padding: try axes("pad"))
    case .averagePooling:
      return AveragePooling(
        try axes("kernel"), stride: try axes("stride"), padding: try axes("pad"),
        countsPadding: try fields.bool("count_include_pad"))
    case .globalAveragePooling: return GlobalAveragePooling()
    case .linear:
      return Linear(try fields.integer("out"), bias: try fields.bool("bias"))
    case .crossEntropy:
      return SoftmaxCrossEntropy(labelSmoothing: try fields.float("label_smoothing"))
    case .add, .addReLU: return Add()
    case .concatenation: return Concatenation()
    case .softDice: return SoftDice(smooth: try fields.float("smooth"))
    }
  }

  /// Whether a case is one of an operation that exists; sigmoids are not among them.
  static func covers(_ oracle: OracleCase) throws -> Bool {
    guard let kind = OracleOperation(rawValue: try oracle.fields.string("op")) else { return false }
    return try kind != .softDice || oracle.fields.string("activation") == "softmax"
  }

  /// The operation of a case with its inputs and parameters.
  func harness(_ oracle: OracleCase, engine: Engine) throws -> OperationHarness {
    let inputs = try inputs.filter(oracle.hasTensor).map { name in
      let tensor = try oracle.tensor(name)
      return (
        Shape(spatial: Array(tensor.shape.dropFirst(2)), channels: tensor.shape[1]),
        tensor.channelsLast().values
      )
    }
    let parameters = try parameters.filter(oracle.hasTensor).map { name in
      let tensor = try oracle.tensor(name)
      return name == "w" ? tensor.linearWeights().values : tensor.values
    }
    let harness = try OperationHarness(
      operation(oracle.fields), inputs: inputs, batchSize: try oracle.shape(self.inputs[0])[0],
      parameters: parameters, engine: engine)
    if oracle.hasTensor("running_mean_in") {
      harness.statistics = [
        try oracle.tensor("running_mean_in").values, try oracle.tensor("running_var_in").values,
      ]
    }
    if oracle.hasTensor("labels") { harness.labels = try oracle.labels("labels") }
    return harness
  }
}
