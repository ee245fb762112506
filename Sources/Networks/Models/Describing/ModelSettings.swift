/// What the parameters of a model are set to: every one of its family's.
public struct ModelSettings: Hashable, Sendable {
  private var values: [String: ModelParameterValue]

  /// Sets parameters to what is given, and all others to what they usually are.
  ///
  /// - Returns: nil if a parameter that has to be given is not.
  init?(_ given: [String: ModelParameterValue], of parameters: [ModelParameter]) {
    values = [:]
    for parameter in parameters {
      guard let value = given[parameter.name] ?? parameter.usual(self) else { return nil }
      values[parameter.name] = value
    }
  }

  /// What a parameter is set to.
  ///
  /// - Precondition: The parameter is one of the family's.
  public subscript(parameter: ModelParameter) -> ModelParameterValue {
    guard let value = values[parameter.name] else {
      preconditionFailure("there is no parameter \(parameter.name)")
    }
    return value
  }

  /// A parameter that is a whole number.
  func whole(_ parameter: ModelParameter) -> Int {
    guard case .whole(let number) = self[parameter] else {
      preconditionFailure("\(parameter.name) is no whole number")
    }
    return number
  }

  /// A parameter that is a number.
  func number(_ parameter: ModelParameter) -> Double {
    guard case .number(let number) = self[parameter] else {
      preconditionFailure("\(parameter.name) is no number")
    }
    return number
  }

  /// A parameter that is several whole numbers.
  func counts(_ parameter: ModelParameter) -> [Int] {
    guard case .counts(let counts) = self[parameter] else {
      preconditionFailure("\(parameter.name) are no whole numbers")
    }
    return counts
  }

  /// Channels times the width, rounded, at least one.
  func scaled(_ channels: Int) -> Int {
    max(1, Int((Double(channels) * number(.width)).rounded()))
  }
}
