/// Puts a text of the form `name[:value][,key=value…]` together.
package enum CanonicalSpelling {
  /// A name and the options that are not what is usual.
  package static func joined(_ name: String, _ options: String?...) -> String {
    joined(name, options)
  }

  /// A name and the options that are not what is usual.
  package static func joined(_ name: String, _ options: [String?]) -> String {
    ([name] + options.compactMap { $0 }).joined(separator: ",")
  }

  /// An option that is set to a number; nil where that is what is usual.
  package static func option<Number: Equatable>(
    _ key: String, _ value: Number, usual: Number
  ) -> String? {
    value == usual ? nil : "\(key)=\(value)"
  }

  /// A number without the point of a whole one.
  package static func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
