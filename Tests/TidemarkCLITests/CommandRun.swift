import Foundation

/// One run of the built command.
struct CommandRun {
  let exitCode: Int32
  let output: String
  let errors: String

  /// The files of the working folder that receive what is printed.
  static let (outputFile, errorsFile) = ("printed-output", "printed-errors")

  /// The command that was built together with these tests.
  static var executable: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("tidemark")
  }

  /// The bundled images, as the four files of a data folder.
  static var bundledData: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/CFashionMNIST/Data").path
  }

  /// Runs the command to its end in a folder.
  ///
  /// - Parameters:
  ///   - arguments: What follows the command's name.
  ///   - folder: The working folder; it also receives what the command prints.
  ///   - interruptWhen: Asked a thousand times a second with the seconds since the start; as soon as it
  ///     says so, the command gets a signal.
  ///   - signal: The signal: that of Ctrl-C if not given.
  /// - Throws: If the command cannot be started or what it printed cannot be read.
  init(
    _ arguments: [String], in folder: String, interruptWhen: ((Double) -> Bool)? = nil,
    signal: Int32 = SIGINT
  ) throws {
    try self.init(
      program: [Self.executable.path] + arguments, in: folder, interruptWhen: interruptWhen,
      signal: signal)
  }

  /// Runs a script of the shell, such as one that limits the command or sends its output elsewhere.
  ///
  /// - Parameters:
  ///   - script: The script; `"$T"` is the command's path.
  ///   - folder: The working folder; it also receives what is printed.
  /// - Throws: If the shell cannot be started or what was printed cannot be read.
  init(shell script: String, in folder: String) throws {
    try self.init(
      program: ["T=\(Self.executable.path)", "/bin/bash", "-c", "set -o pipefail; \(script)"],
      in: folder)
  }

  private init(
    program: [String], in folder: String, interruptWhen: ((Double) -> Bool)? = nil,
    signal: Int32 = SIGINT
  ) throws {
    let process = Process()
    // Threads that run tests block signals, and what they start inherits that: `env` undoes it.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT,TERM,PIPE"] + program
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // Files, since a pipe that nobody reads would stop the command.
    let files = try [Self.outputFile, Self.errorsFile].map { name in
      let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
      try Data().write(to: file)
      return file
    }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    if let interruptWhen {
      let start = Date()
      while process.isRunning, !interruptWhen(Date().timeIntervalSince(start)) {
        Thread.sleep(forTimeInterval: 0.001)
      }
      if process.isRunning { kill(process.processIdentifier, signal) }
    }
    process.waitUntilExit()
    exitCode = process.terminationStatus
    output = try String(contentsOf: files[0], encoding: .utf8)
    errors = try String(contentsOf: files[1], encoding: .utf8)
    for file in files { try FileManager.default.removeItem(at: file) }
  }
}

/// A time to interrupt: so many seconds after a condition was first seen to hold.
func seconds(
  _ seconds: Double, after condition: @escaping () -> Bool
) -> (Double) -> Bool {
  var start: Double?
  return { time in
    if start == nil, condition() { start = time }
    return start.map { time - $0 >= seconds } ?? false
  }
}

/// Calls `body` with a new folder, which is removed with everything in it.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tidemark-command-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// The rows of a CSV file without quoted fields, by the names of the columns.
func rows(ofCSV path: String) throws -> (columns: [String], rows: [[String: String]]) {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  let lines = text.components(separatedBy: "\r\n").dropLast().map {
    $0.components(separatedBy: ",")
  }
  let columns = lines.first ?? []
  return (
    columns,
    lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(columns, $0)) }
  )
}
