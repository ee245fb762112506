import Safetensors

/// Named JSON values with typed access; a missing or wrongly typed field is an error that names it.
package struct OracleFields: Sendable {
  /// Whose fields these are, for errors.
  let owner: String
  let values: [String: JSONValue]

  /// Creates fields from the values of a JSON object; `owner` is what errors call it.
  package init(owner: String, values: [String: JSONValue]) {
    self.owner = owner
    self.values = values
  }

  /// Whether there is a field of that name.
  package func contains(_ name: String) -> Bool { values[name] != nil }

  /// The names of all fields.
  package var names: [String] { Array(values.keys) }

  /// A whole number.
  package func integer(_ name: String) throws -> Int {
    try field(name, "a whole number", \.integer)
  }

  /// A list of whole numbers.
  package func integers(_ name: String) throws -> [Int] {
    try list(name, "a list of whole numbers", \.integer)
  }

  /// A list of one to three extents, filled up to three (depth, height, width) from the front.
  package func spatial(_ name: String, leading: Int) throws -> [Int] {
    let extents = try integers(name)
    return Array(repeating: leading, count: max(0, 3 - extents.count)) + extents
  }

  /// A number.
  package func double(_ name: String) throws -> Double {
    try field(name, "a number", \.double)
  }

  /// A list of numbers.
  package func doubles(_ name: String) throws -> [Double] {
    try list(name, "a list of numbers", \.double)
  }

  /// A number, rounded to 32 bits.
  package func float(_ name: String) throws -> Float { Float(try double(name)) }

  /// A text.
  package func string(_ name: String) throws -> String {
    try field(name, "a text", \.string)
  }

  /// A list of texts.
  package func strings(_ name: String) throws -> [String] {
    try list(name, "a list of texts", \.string)
  }

  /// A truth value.
  package func bool(_ name: String) throws -> Bool {
    try field(name, "true or false", \.bool)
  }

  /// An object.
  package func object(_ name: String) throws -> OracleFields {
    let value = try field(name, "an object", \.object)
    return OracleFields(owner: "'\(name)' of \(owner)", values: value)
  }

  /// A list of objects.
  package func objects(_ name: String) throws -> [OracleFields] {
    try list(name, "a list of objects", \.object).enumerated().map { index, value in
      OracleFields(owner: "'\(name)[\(index)]' of \(owner)", values: value)
    }
  }

  private func field<Value>(
    _ name: String, _ kind: String, _ access: (JSONValue) -> Value?
  ) throws -> Value {
    guard let value = values[name].flatMap(access) else {
      throw OracleError("field '\(name)' of \(owner) is missing or not \(kind)")
    }
    return value
  }

  private func list<Value>(
    _ name: String, _ kind: String, _ access: (JSONValue) -> Value?
  ) throws -> [Value] {
    let elements = try field(name, kind, \.array)
    let values = elements.compactMap(access)
    guard values.count == elements.count else {
      throw OracleError("field '\(name)' of \(owner) is not \(kind)")
    }
    return values
  }
}
