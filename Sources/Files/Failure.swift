/// Why a command cannot go on, told apart as far as exit codes do.
///
/// The raw values are the exit codes of the command line; the numbers follow `sysexits.h`.
public enum FailureCategory: Int32, Sendable {
  /// A flag or a value on the command line is wrong.
  case wrongUsage = 64
  /// An input exists, but what it holds is not right.
  case badData = 65
  /// An input does not exist or may not be read.
  case missingInput = 66
  /// A defect of this program.
  case ownDefect = 70
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed on the way.
  case inputOutput = 74
  /// What was asked does not fit the memory budget.
  case overBudget = 75
}

/// An error that a user can act upon.
///
/// Its description is one sentence without a final period: it names the file, flag or layer, what
/// was wrong with it and, where there is one, what would be right.
public protocol DescribedFailure: Error, CustomStringConvertible {
  /// What kind of failure this is, and so the exit code.
  var category: FailureCategory { get }
}
