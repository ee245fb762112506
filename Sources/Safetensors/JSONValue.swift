#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Any JSON value.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads a value from the bytes of a JSON text.
  ///
  /// - Throws: `JSONSyntaxError` when the bytes are not JSON.
  package init(parsing bytes: some Sequence<UInt8>) throws(JSONSyntaxError) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch {
      throw JSONSyntaxError()
    }
  }

  /// The JSON text, with keys in alphabetical order and no spaces.
  package func text() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self))
  }
}

/// Bytes that should be JSON and are not.
package struct JSONSyntaxError: Error {}

// MARK: - Access

extension JSONValue {
  /// The truth value, if this is one.
  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The whole number, if this is one.
  package var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The number, whole or not, if this is one.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text, if this is one.
  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements, if this is a list.
  package var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The fields, if this is an object.
  package var object: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }
}

// MARK: - Coding

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
