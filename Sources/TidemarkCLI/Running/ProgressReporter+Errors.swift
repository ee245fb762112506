import Reporting
import Tidemark

extension ProgressReporter {
  /// Ends the task with what an error says became of it.
  mutating func stop(_ error: any Error) {
    switch error {
    case StepError.interrupted: stop("interrupted")
    case StepError.nonFiniteLoss: stop("diverged")
    default: stop("failed")
    }
  }
}
