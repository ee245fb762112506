import Safetensors

/// The file that a training goes on from: tensors, counters, and the settings that it was made with.
///
/// It is a safetensors file with a checksum over everything that it holds.
struct Checkpoint {
  private static let formatKey = "format"
  private static let format = "tidemark-checkpoint-1"
  private static let checksumKey = "checksum"
  private static let countersName = "counters"

  /// What a training was made with, by the name of the flag.
  typealias Setting = (name: String, value: String)

  /// The counters.
  let counters: [Int64]
  private let values: [[Float]]

  /// Writes a checkpoint, whole or not at all; allocates the header only.
  ///
  /// - Parameters:
  ///   - slots: The tensors; their names must differ.
  ///   - counters: The counters.
  ///   - settings: The settings, by names that differ.
  ///   - path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  static func write(
    _ slots: [TensorSlot], counters: [Int64], settings: [Setting], to path: String
  ) throws {
    let settings = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    var checksum = Checksum(of: settings, counters)
    for slot in slots { unsafe checksum.add(UnsafeRawBufferPointer(slot.values)) }
    var metadata = settings
    metadata[formatKey] = format
    metadata[checksumKey] = "\(checksum.value)"
    try SafetensorsFile.write(
      slots.map { slot in
        unsafe TensorContents(
          name: slot.name, shape: slot.shape,
          values: .borrowedFloats(UnsafeBufferPointer(slot.values)))
      } + [
        TensorContents(name: countersName, shape: [counters.count], values: .integers(counters))
      ], metadata: metadata, to: path)
  }

  /// Reads and checks a checkpoint; holds the file's size twice.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - slots: What it is to fill.
  ///   - settings: The settings that it must have been made with; of those that differ the first is
  ///     complained about.
  /// - Throws: `CheckpointError`, `ParameterFileError`, `SafetensorsError` or `FileFailure`.
  init(path: String, slots: [TensorSlot], settings: [Setting]) throws {
    let file = try SafetensorsFile(path: path)
    var found = file.metadata
    guard found.removeValue(forKey: Self.formatKey) == Self.format else {
      throw CheckpointError(path: path, problem: .otherFormat)
    }
    let checksum = found.removeValue(forKey: Self.checksumKey)
    // The checksum first: damaged settings would be taken for others.
    guard file.description(of: Self.countersName) != nil else {
      throw CheckpointError(path: path, problem: .damaged)
    }
    counters = try file.integers(Self.countersName)
    var computed = Checksum(of: found, counters)
    for tensor in file.tensors where tensor.name != Self.countersName {
      computed.add(try file.floats(tensor.name))
    }
    guard checksum == "\(computed.value)" else {
      throw CheckpointError(path: path, problem: .damaged)
    }
    for (name, value) in settings {
      // Which settings there are follows from those before: only another version has others.
      guard let other = found.removeValue(forKey: name) else {
        throw CheckpointError(path: path, problem: .otherFormat)
      }
      guard other == value else {
        throw CheckpointError(
          path: path, problem: .otherSetting(name, found: other, expected: value))
      }
    }
    guard found.isEmpty else { throw CheckpointError(path: path, problem: .otherFormat) }
    try file.require(
      slots.map { ($0.name, $0.shape) }, ignoring: { $0 == Self.countersName })
    values = try slots.map { try file.floats($0.name) }
  }

  /// Writes the tensors where they belong.
  func fill(_ slots: [TensorSlot]) {
    for (slot, values) in zip(slots, values) {
      _ = unsafe slot.values.update(fromContentsOf: values)
    }
  }
}

extension Checksum {
  /// The checksum of settings and counters, to which tensors are added in the order of the file.
  fileprivate init(of settings: [String: String], _ counters: [Int64]) {
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) { add("\(key)=\(value)\n") }
    add(counters)
  }
}
