import Safetensors

extension OracleCase {
  /// Copies of this case, each with one field that is not what the tensors were computed with, by the
  /// field's name: where the field is honoured, the copy must fail.
  ///
  /// - Parameter kept: Fields that stay, besides those that only name or judge the case.
  /// - Returns: The copies.
  package func alterations(keeping kept: Set<String> = []) -> [(field: String, altered: OracleCase)]
  {
    fields.values.keys.sorted().flatMap { name -> [(field: String, altered: OracleCase)] in
      guard !kept.union(["name", "op", "network", "tol"]).contains(name),
        let value = fields.values[name]
      else { return [] }
      return value.alterations.map { altered in
        var values = fields.values
        values[name] = altered
        return (
          name,
          OracleCase(
            name: "\(self.name), with another \(name)",
            fields: OracleFields(owner: "an altered case", values: values), file: file,
            tensors: tensors)
        )
      }
    }
  }
}

extension JSONValue {
  /// Values of the same type that are not this one.
  fileprivate var alterations: [JSONValue] {
    switch self {
    case .null: []
    case .bool(let value): [.bool(!value)]
    case .integer(let value): [.integer(value + 1)]
    case .number(let value): [.number(1.25 * value + 0.1)]
    case .string(let value): [.string(value + "?")]
    case .object(let fields): [.object(fields.merging(["?": .integer(1)]) { old, _ in old })]
    case .array(let values):
      values.indices.flatMap { index in
        values[index].alterations.map { altered in
          var copy = values
          copy[index] = altered
          return .array(copy)
        }
      } + (values.isEmpty ? [] : [.array(values.dropLast())])
    }
  }
}
