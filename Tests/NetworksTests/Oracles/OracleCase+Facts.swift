import OracleSupport
import Safetensors

extension OracleCase {
  /// Checks the fields that say what the tensors are like, whatever the operation.
  ///
  /// - Returns: What is not as a field says, in sentences.
  func wrongFacts() throws -> [String] {
    var wrong: [String] = []
    func expect(_ field: String, _ values: [Int]?) throws {
      guard fields.contains(field) else { return }
      let stated = try (try? fields.integers(field)) ?? [fields.integer(field)]
      if values != stated { wrong.append("\(name): '\(field)' is not \(stated)") }
    }
    let input = ["x", "x0", "logits", "prediction"].first(where: hasTensor)
    let shape = try input.map { try self.shape($0) }
    try expect("shape", kind == "concat" ? self.shape("y") : shape)
    if hasTensor("x1") { try expect("shape1", self.shape("x1")) }
    try expect("N", shape.map { Array($0.prefix(1)) })
    try expect("C", shape.map { Array($0.dropFirst().prefix(1)) })
    try expect("in", shape.map { Array($0.dropFirst().prefix(1)) })
    // Of a response normalisation it is the number of channels.
    if (try? fields.integers("size")) != nil {
      try expect("size", shape.map { Array($0.dropFirst(2)) })
    }
    if hasTensor("y") { try expect("output_size", Array(self.shape("y").dropFirst(2))) }
    if fields.contains("ties"), try fields.bool("ties") {
      let values = try tensor("x").values
      if Set(values).count == values.count { wrong.append("\(name) has no ties") }
    }
    if fields.contains("exact") {
      wrong += try fields.strings("exact").filter { !hasTensor($0) }
        .map { "\(name) has no tensor '\($0)' to be exact" }
    }
    return wrong + (fields.contains("kinks") ? try wrongKinks() : [])
  }

  /// Checks that the derivative at a kink is what the case says: each kink is a position and the
  /// derivative there, or the name of a parameter.
  private func wrongKinks() throws -> [String] {
    var wrong: [String] = []
    let (x, dx, dy) = (try tensor("x").values, try tensor("dx").values, try tensor("dy").values)
    for kink in try fields.lists("kinks") {
      guard kink.count == 2, let position = kink[0].double else {
        throw OracleError("a kink of case '\(name)' is no pair")
      }
      let places = x.indices.filter { Double(x[$0]) == position }
      if places.isEmpty { wrong.append("\(name) has no input at its kink \(position)") }
      guard let derivative = kink[1].double else {
        // The name of a parameter that has one value, or one a channel.
        guard let parameter = kink[1].string, hasTensor(parameter) else {
          throw OracleError("a kink of case '\(name)' names no parameter")
        }
        continue
      }
      for place in places {
        let expected = derivative * Double(dy[place])
        if abs(Double(dx[place]) - expected) > 1e-6 * max(1, abs(expected)) {
          wrong.append("\(name): the derivative at \(position) is not \(derivative)")
        }
      }
    }
    return wrong
  }
}
