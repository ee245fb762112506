/// Names that a user may have meant.
package enum Spelling {
  /// The known name that is nearest to a misspelt one, if one is near enough to be meant.
  ///
  /// Near enough is one edit for every three letters, and at least one. Of equally near names the
  /// first is taken. Upper and lower case count as the same letter.
  package static func nearest(to name: String, in known: [String]) -> String? {
    let limit = max(1, name.count / 3)
    var nearest: (name: String, distance: Int)?
    for candidate in known {
      let distance = editDistance(Array(name.lowercased()), Array(candidate.lowercased()))
      if distance <= limit, distance < nearest?.distance ?? .max { nearest = (candidate, distance) }
    }
    return nearest?.name
  }

  /// The known names that are nearest to one, the nearest first; equally near ones in alphabetical order.
  package static func nearest(_ count: Int, to name: String, in known: [String]) -> [String] {
    known.map { (name: $0, distance: editDistance(Array(name), Array($0))) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(count).map(\.name)
  }

  /// The least number of letters to insert, drop, replace or swap with their neighbour.
  ///
  /// This is the restricted Damerau-Levenshtein distance: no part is edited twice.
  static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...second.count)
    for (i, letter) in first.enumerated() {
      var current = [i + 1]
      for (j, other) in second.enumerated() {
        var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == second[j - 1], other == first[i - 1] {
          best = min(best, beforePrevious[j - 1] + 1)
        }
        current.append(best)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[second.count]
  }
}

/// A name that is none of those that there are, such as that of a model.
public struct UnknownNameError: DescribedFailure, Equatable {
  /// What kind of thing was named, such as `model`.
  public let kind: String
  /// The name that was given.
  public let name: String
  /// The names that there are.
  public let known: [String]

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - kind: What kind of thing was named, such as `model`.
  ///   - name: The name that was given.
  ///   - known: The names that there are.
  public init(kind: String, name: String, known: [String]) {
    self.kind = kind
    self.name = name
    self.known = known
  }

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }

  /// One sentence with the nearest name, or with all of them when none is near.
  public var description: String {
    if let nearest = Spelling.nearest(to: name, in: known) {
      return "there is no \(kind) '\(name)'; did you mean '\(nearest)'?"
    }
    return "there is no \(kind) '\(name)'; there are \(known.joined(separator: ", "))"
  }
}
