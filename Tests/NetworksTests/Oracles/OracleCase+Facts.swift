import OracleSupport
import Safetensors
import Testing

extension OracleCase {
  /// Checks the fields that say what the tensors are like, whatever the operation.
  func checkFacts() throws {
    let input = ["x", "x0", "logits", "prediction"].first(where: hasTensor)
    func expect(_ name: String, _ values: [Int]?) throws {
      guard fields.contains(name) else { return }
      let stated = try (try? fields.integers(name)) ?? [fields.integer(name)]
      #expect(values == stated, "'\(name)' of \(self.name)")
    }
    let shape = try input.map { try self.shape($0) }
    try expect("shape", kind == "concat" ? self.shape("y") : shape)
    if hasTensor("x1") { try expect("shape1", self.shape("x1")) }
    try expect("N", shape.map { Array($0.prefix(1)) })
    try expect("C", shape.map { Array($0.dropFirst().prefix(1)) })
    try expect("in", shape.map { Array($0.dropFirst().prefix(1)) })
    try expect("size", shape.map { Array($0.dropFirst(2)) })
    if hasTensor("y") { try expect("output_size", Array(self.shape("y").dropFirst(2))) }
    if fields.contains("ties"), try fields.bool("ties") {
      let values = try tensor("x").values
      #expect(Set(values).count < values.count, "\(name) has no ties")
    }
    if fields.contains("kinks") { try checkKinks() }
  }

  /// Checks that the derivative at a kink is what the case says: each kink is a position and the
  /// derivative there, or the name of a parameter.
  private func checkKinks() throws {
    let (x, dx, dy) = (try tensor("x").values, try tensor("dx").values, try tensor("dy").values)
    for kink in try fields.lists("kinks") {
      guard kink.count == 2, let position = kink[0].double else {
        throw OracleError("a kink of case '\(name)' is no pair")
      }
      let places = x.indices.filter { Double(x[$0]) == position }
      #expect(!places.isEmpty, "\(name) has no input at its kink \(position)")
      guard let derivative = kink[1].double else { continue }
      for place in places {
        let expected = derivative * Double(dy[place])
        #expect(abs(Double(dx[place]) - expected) <= 1e-6 * max(1, abs(expected)), "\(name)")
      }
    }
  }
}
