import Files

extension ModelDescription {
  /// How its models are spelled, such as `resnet:DEPTH[,width=…][,stem=…]`.
  public var spelling: String {
    let value = ":\(parameters[0].name.uppercased())"
    return name + (parameters[0].isRequired ? value : "[\(value)]")
      + parameters.dropFirst().map { "[,\($0.name)=…]" }.joined()
  }

  /// The shortest text that spells a model of these settings.
  func canonicalSpelling(of settings: ModelSettings) -> String {
    for shortName in shortNames
    where ModelSettings(shortName.given, of: parameters) == settings {
      return shortName.name
    }
    // What a usual value follows from stands before it, and is given as it is in `settings`.
    var head = name
    var options: [String] = []
    for (index, parameter) in parameters.enumerated()
    where settings[parameter] != parameter.usual(settings) {
      let value = parameter.permitted.spelling(of: settings[parameter])
      if index == 0 { head += ":\(value)" } else { options.append("\(parameter.name)=\(value)") }
    }
    return CanonicalSpelling.joined(head, options)
  }

  /// Why a key is none of the parameters.
  func unknownParameter(_ key: String) -> String {
    let names = parameters.map(\.name)
    let listed =
      names.count > 1
      ? names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
      : names.joined()
    return "\(name) has no parameter '\(key)'; it has \(listed)"
  }

  /// That the first parameter, the only one that may be required, has to be given.
  var missingParameter: String {
    let examples = parameters[0].permitted.examples
    let example = examples.isEmpty ? "" : ", such as \(name):\(examples[examples.count / 2])"
    return "\(name) needs its \(parameters[0].name)\(example); it may be \(parameters[0].permitted)"
  }
}
