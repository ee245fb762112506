import Kernels
import OracleSupport

/// How the cases of one operation run: a function from a case's fields to operations.
///
/// What a family does not read of a case, `unread` finds: a field that it does not know fails.
enum OracleFamily: Sendable {
  /// Operations, whose outputs and gradients are all compared.
  case graph(@Sendable (OracleCase) throws -> OracleGraph)
  /// A check of its own, which returns what failed, in sentences.
  case check(@Sendable (OracleCase, Engine) throws -> [String])
}

extension OracleFamily {
  /// All families, by the operation's name in the files.
  ///
  /// A new file of families is one more word in the list.
  static let all: [String: OracleFamily] =
    [
      activations, computedWeights, elements, joins, layers, losses, moving, normalizations,
      pooling,
    ].reduce(into: [:]) { all, families in
      all.merge(families) { _, _ in preconditionFailure("two families have the same name") }
    }
}

extension OracleCase {
  /// The family that runs this case.
  ///
  /// - Throws: `OracleError` if there is none.
  private func family() throws -> OracleFamily {
    // A file of convolutions has no field `op`.
    let kind = kind ?? "conv"
    guard let family = OracleFamily.all[kind] else {
      throw OracleError("nothing runs the operation '\(kind)' of case '\(name)'")
    }
    return family
  }

  /// Runs the case.
  ///
  /// - Returns: What disagrees, and what of the case was passed over, in sentences.
  /// - Throws: `OracleError` or `ShapeError` if the case cannot be run.
  func failures(on engines: [Engine]) throws -> [String] {
    var failures = try wrongFacts()
    switch try family() {
    case .graph(let build):
      let graph = try build(self)
      for engine in engines {
        var run = try OracleGraphRun(self, graph, engine: engine)
        failures += try run.run()
      }
    case .check(let check):
      for engine in engines { failures += try check(self, engine) }
    }
    return failures + unread.map { "\(name): nobody reads its \($0)" }
  }
}
