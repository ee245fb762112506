import Networks
import OracleSupport

extension OracleFamily {
  /// Losses.
  static let losses: [String: OracleFamily] = [
    "cross_entropy": .graph { oracle in
      let fields = oracle.fields
      let hasWeights = try fields.contains("class_weights") && fields.bool("class_weights")
      return OracleGraph(
        SoftmaxCrossEntropy(
          labelSmoothing: try fields.float("label_smoothing"),
          classWeights: hasWeights ? try oracle.tensor("class_weight").values : nil,
          ignoredLabel: fields.contains("ignore_index") ? try fields.integer("ignore_index") : nil,
          reduction: try fields.reduction()),
        inputs: ["logits"])
    },
    "bce_logits": .graph { oracle in
      let fields = oracle.fields
      // Targets between 0 and 1, or one of the two.
      let areSoft = try fields.bool("soft_targets")
      guard try areSoft || oracle.tensor("target").values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw OracleError("case '\(oracle.name)' has soft targets")
      }
      return OracleGraph(
        ValueLoss.binaryCrossEntropy(
          positiveWeights: try fields.bool("pos_weight") ? oracle.tensor("pos_weight").values : nil,
          reduction: try fields.reduction()),
        inputs: ["logits"])
    },
    "mse": .graph { oracle in
      OracleGraph(
        ValueLoss.squares(reduction: try oracle.fields.reduction()), inputs: ["prediction"])
    },
    "l1": .graph { oracle in
      OracleGraph(
        ValueLoss.magnitudes(reduction: try oracle.fields.reduction()), inputs: ["prediction"])
    },
    "smooth_l1": .graph { oracle in
      OracleGraph(
        ValueLoss.smoothMagnitudes(
          beta: try oracle.fields.float("beta"), reduction: try oracle.fields.reduction()),
        inputs: ["prediction"])
    },
    "huber": .graph { oracle in
      OracleGraph(
        ValueLoss.huber(
          delta: try oracle.fields.float("delta"), reduction: try oracle.fields.reduction()),
        inputs: ["prediction"])
    },
    "distillation": .graph { oracle in
      OracleGraph(
        Distillation(
          temperature: try oracle.fields.float("temperature"),
          teacherWeight: try oracle.fields.float("kd_weight"),
          labelWeight: try oracle.fields.float("ce_weight")),
        inputs: ["logits", "teacher"])
    },
    "hint": .graph { oracle in
      let hasBias = try oracle.fields.bool("bias")
      return OracleGraph([
        OracleGraph.Node(
          "hint", Convolution(1, channels: try oracle.fields.integer("K"), bias: hasBias),
          inputs: ["x"], parameters: hasBias ? ["w", "b"] : ["w"]),
        OracleGraph.Node("loss", ValueLoss.squares(), inputs: ["hint", "teacher"]),
      ])
    },
    "dice": .graph { oracle in
      let smooth = try oracle.fields.float("smooth")
      switch try oracle.fields.string("activation") {
      case "softmax": return OracleGraph(SoftDice(smooth: smooth), inputs: ["logits"])
      case "sigmoid": return OracleGraph(BinaryDice(smooth: smooth), inputs: ["logits"])
      case let other:
        throw OracleError("case '\(oracle.name)' has the activation \(other)")
      }
    },
  ]
}

extension OracleFields {
  /// How a loss adds up; a mean unless the case says.
  fileprivate func reduction() throws -> LossReduction {
    guard contains("reduction") else { return .mean }
    switch try string("reduction") {
    case "mean": return .mean
    case "sum": return .sum
    case let other: throw OracleError("'\(other)' is no reduction")
    }
  }
}
