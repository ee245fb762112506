import Testing

/// What is known of the process that the tests run in.
enum ProcessState {
  /// Whether no other test can run beside the current one: in an exit test or with `--no-parallel`.
  static let isQuiet =
    ExitTest.current != nil || CommandLine.arguments.contains("--no-parallel")
}
