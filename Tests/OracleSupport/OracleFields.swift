import Safetensors

/// Named JSON values with typed access; a missing or wrongly typed field is an error that names it.
///
/// Fields remember which of them were read, so that a test can tell that it honoured all of them.
package struct OracleFields: Sendable {
  /// Whose fields these are, for errors.
  let owner: String
  let values: [String: JSONValue]
  private let record: ReadRecord
  /// What names of fields begin with in the record: that of the field around them.
  private let prefix: String

  /// Creates fields from the values of a JSON object; `owner` is what errors call it.
  package init(owner: String, values: [String: JSONValue]) {
    self.init(owner: owner, values: values, record: ReadRecord(), prefix: "")
  }

  private init(owner: String, values: [String: JSONValue], record: ReadRecord, prefix: String) {
    self.owner = owner
    self.values = values
    self.record = record
    self.prefix = prefix
  }

  /// Whether there is a field of that name that is not null.
  package func contains(_ name: String) -> Bool {
    switch values[name] {
    case nil: return false
    case .null?:
      record.insert(prefix + name)
      return false
    default: return true
    }
  }

  /// The names of the fields that nobody has read, in order.
  package var unread: [String] {
    values.sorted { $0.key < $1.key }.flatMap { name, value in
      let path = prefix + name
      guard record.contains(path) else { return [path] }
      if let inner = value.object { return nested(name, inner).unread }
      return (value.array ?? []).enumerated().flatMap { index, element in
        element.object.map { nested("\(name)[\(index)]", $0).unread } ?? []
      }
    }
  }

  /// A whole number.
  package func integer(_ name: String) throws -> Int {
    try field(name, "a whole number", \.integer)
  }

  /// A list of whole numbers.
  package func integers(_ name: String) throws -> [Int] {
    try list(name, "a list of whole numbers", \.integer)
  }

  /// A list of numbers.
  package func doubles(_ name: String) throws -> [Double] {
    try list(name, "a list of numbers", \.double)
  }

  /// A list of lists, such as pairs of a number and a number or text.
  package func lists(_ name: String) throws -> [[JSONValue]] {
    try list(name, "a list of lists", \.array)
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

  /// The names of all fields.
  package var names: Set<String> { Set(values.keys) }

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
    nested(name, try field(name, "an object", \.object))
  }

  /// A list of objects.
  package func objects(_ name: String) throws -> [OracleFields] {
    try list(name, "a list of objects", \.object).enumerated().map { index, value in
      nested("\(name)[\(index)]", value)
    }
  }

  private func nested(_ name: String, _ values: [String: JSONValue]) -> OracleFields {
    OracleFields(
      owner: "'\(name)' of \(owner)", values: values, record: record, prefix: "\(prefix)\(name).")
  }

  private func field<Value>(
    _ name: String, _ kind: String, _ access: (JSONValue) -> Value?
  ) throws -> Value {
    record.insert(prefix + name)
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
