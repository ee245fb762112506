import ArgumentParser
import Glibc
import Tidemark

extension ValidationError {
  /// A flag whose value does not go with others.
  init(flag: String, value: String, expectation: String) {
    self.init("\(flag) is '\(value)'; it must be \(expectation)")
  }
}

/// Something that goes wrong while a command runs, in one sentence.
struct CommandFailure: DescribedFailure {
  let category: FailureCategory
  let description: String
}

extension TidemarkCommand {
  /// Ends the process with what an error means to a user: a sentence, and an exit code.
  static func end(with error: any Error) -> Never {
    if let failure = error as? OutputFailure, failure.isWithoutReader {
      Glibc.exit(failure.category.rawValue)
    }
    if let category = category(of: error) {
      complain("\(error)")
      Glibc.exit(category.rawValue)
    }
    let code = exitCode(for: error)
    guard code.isSuccess || code == .validationFailure else {
      complain("\(error); this is a defect of Tidemark, please report it with the command")
      Glibc.exit(FailureCategory.ownDefect.rawValue)
    }
    if code.isSuccess { showHelp(error) }
    let message = message(for: error)
    complain("\(message.prefix(1).lowercased())\(message.dropFirst()) (see 'tidemark --help')")
    Glibc.exit(FailureCategory.wrongUsage.rawValue)
  }

  /// Prints what is an error to the parser alone, such as help, and ends the process.
  private static func showHelp(_ error: any Error) -> Never {
    StandardStream.output.line(fullMessage(for: error))
    do {
      try StandardStream.requireComplete()
    } catch {
      end(with: error)
    }
    Glibc.exit(0)
  }

  /// Which kind of failure an error is; nil if it is none that commands foresee.
  private static func category(of error: any Error) -> FailureCategory? {
    switch error {
    case let failure as any DescribedFailure: failure.category
    case is NetworkError, is ScheduleError, is ByteCountError, is InstructionSetError: .wrongUsage
    case is MemoryBudgetExceeded, is LedgerError: .overBudget
    case let error as StepError:
      switch error {
      case .budget: .overBudget
      case .nonFiniteLoss, .notInvertible, .label: .badData
      case .interrupted: .inputOutput
      case .spilling(let failure): failure.category
      }
    default: nil
    }
  }

  private static func complain(_ sentence: String) {
    StandardStream.error.write("tidemark: \(sentence)\n")
  }
}
