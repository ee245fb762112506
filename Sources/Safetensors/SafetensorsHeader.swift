import Files

/// The header of a safetensors file, checked against the size of the file.
struct SafetensorsHeader {
  let metadata: [String: String]
  let tensors: [TensorDescription]
  let dataStart: Int

  private static let metadataKey = "__metadata__"

  init(bytes: [UInt8], path: String) throws(SafetensorsError) {
    func failure(_ problem: SafetensorsError.Problem) -> SafetensorsError {
      SafetensorsError(path: path, problem: problem)
    }
    guard bytes.count >= 8 else { throw failure(.tooShort(bytes: bytes.count)) }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw failure(.headerTooLong(bytes: length, available: bytes.count - 8))
    }
    dataStart = 8 + Int(length)
    guard let json = try? JSONValue(parsing: bytes[8..<dataStart]), var entries = json.object else {
      throw failure(.headerNotJSON)
    }

    metadata = try Self.metadata(entries.removeValue(forKey: Self.metadataKey), failure: failure)
    var tensors: [TensorDescription] = []
    for (name, entry) in entries {
      tensors.append(try Self.tensor(name: name, entry: entry, failure: failure))
    }
    // Empty tensors go before the one that begins where they are.
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    self.tensors = tensors
    if let problem = Self.layoutProblem(of: tensors, dataCount: bytes.count - dataStart) {
      throw failure(problem)
    }
  }

  private typealias Failure = (SafetensorsError.Problem) -> SafetensorsError

  private static func metadata(
    _ value: JSONValue?, failure: Failure
  ) throws(SafetensorsError) -> [String: String] {
    guard let value else { return [:] }
    guard let fields = value.object else { throw failure(.metadataNotStrings) }
    var metadata: [String: String] = [:]
    for (key, value) in fields {
      guard let text = value.string else { throw failure(.metadataNotStrings) }
      metadata[key] = text
    }
    return metadata
  }

  private static func tensor(
    name: String, entry: JSONValue, failure: Failure
  ) throws(SafetensorsError) -> TensorDescription {
    guard let type = entry.object?["dtype"]?.string,
      let shape = wholeNumbers(entry.object?["shape"]),
      let offsets = wholeNumbers(entry.object?["data_offsets"]),
      offsets.count == 2, offsets[0] <= offsets[1]
    else { throw failure(.malformedEntry(tensor: name)) }
    guard let element = TensorElement(rawValue: type) else {
      throw failure(.unsupportedType(tensor: name, type: type))
    }
    var size = element.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw failure(.malformedEntry(tensor: name)) }
      size = product
    }
    let range = offsets[0]..<offsets[1]
    guard range.count == size else {
      throw failure(.wrongSize(tensor: name, bytes: range.count, expected: size))
    }
    return TensorDescription(name: name, element: element, shape: shape, range: range)
  }

  private static func wholeNumbers(_ value: JSONValue?) -> [Int]? {
    guard let values = value?.array else { return nil }
    let numbers = values.compactMap(\.integer).filter { $0 >= 0 }
    return numbers.count == values.count ? numbers : nil
  }

  /// What is wrong with how the tensors, in the order of their data, cover the data.
  private static func layoutProblem(
    of tensors: [TensorDescription], dataCount: Int
  ) -> SafetensorsError.Problem? {
    var end = 0
    var previous = ""
    for tensor in tensors {
      guard tensor.range.upperBound <= dataCount else {
        return .outOfRange(
          tensor: tensor.name, end: tensor.range.upperBound, available: dataCount)
      }
      guard tensor.range.lowerBound >= end else {
        return .overlap(first: previous, second: tensor.name)
      }
      guard tensor.range.lowerBound == end else {
        return .unusedBytes(count: tensor.range.lowerBound - end, before: tensor.name)
      }
      end = tensor.range.upperBound
      previous = tensor.name
    }
    return end == dataCount ? nil : .unusedBytes(count: dataCount - end, before: nil)
  }
}
