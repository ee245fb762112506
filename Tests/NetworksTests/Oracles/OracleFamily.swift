import Kernels
import OracleSupport

/// How the cases of one operation run: a function from a case's fields to operations.
///
/// What a family does not read of a case, `unread` finds: a field that it does not know fails.
enum OracleFamily: Sendable {
  /// Operations, whose outputs and gradients are all compared.
  case graph(@Sendable (OracleCase) throws -> OracleGraph)
  /// A check of its own.
  case check(@Sendable (OracleCase, Engine) throws -> Void)
}

extension OracleFamily {
  /// All families, by the operation's name in the files. A new file of families is one line here.
  static let all: [String: OracleFamily] =
    [joins, layers, losses, normalizations, pooling].reduce(into: [:]) { all, families in
      all.merge(families) { _, _ in preconditionFailure("two families have the same name") }
    }
}

extension OracleCase {
  /// The family that runs this case.
  ///
  /// - Throws: `OracleError` if there is none.
  func family() throws -> OracleFamily {
    // A file of convolutions has no field `op`.
    let kind = kind ?? "conv"
    guard let family = OracleFamily.all[kind] else {
      throw OracleError("nothing runs the operation '\(kind)' of case '\(name)'")
    }
    return family
  }
}
