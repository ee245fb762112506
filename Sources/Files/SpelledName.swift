/// A text of the form `name[:value][,key=value…]` taken apart, as strategies, models and optimisers
/// are spelled.
package struct SpelledName {
  /// What is before the colon and the first comma.
  package let name: String
  /// What is behind the colon; nil without one.
  package let value: String?
  /// What is behind each comma, in order; the value is nil without an equals sign.
  package let options: [(key: String, value: String?)]

  /// Takes a text apart; every text can be.
  package init(_ text: some StringProtocol) {
    func pair(_ field: String, _ separator: Character) -> (key: String, value: String?) {
      let parts = field.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    }
    let fields = String(text).split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    let head = pair(fields[0], ":")
    (name, value) = (head.key, head.value)
    options = fields.dropFirst().map { pair($0, "=") }
  }

  /// The first key that is there a second time.
  package var repeatedKey: String? {
    let keys = options.map(\.key)
    return keys.indices.first { keys[..<$0].contains(keys[$0]) }.map { keys[$0] }
  }
}
