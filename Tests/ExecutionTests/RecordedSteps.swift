import Execution
import Files
import Glibc
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Training

/// Bytes and bits of training steps as text, one line a run, to be compared with recorded ones.
///
/// The file `Tests/Recorded/steps.csv` says what each model takes and computes under each strategy:
///
/// * `setting` is `small` for steps that were run on the small variants of the tests, `usual` for
///   forecasts of the models in the sizes that they were made for.
/// * The bytes are those of the columns of `comparison.csv` with the same names, of the first step;
///   a forecast has no measured ones. A strategy that does not fit the model is `refused`.
/// * `losses` are the bit patterns of ten steps' losses, and `state` is a hash of all trained weights
///   and running statistics behind them. A training that diverges says so and ends there.
///
/// Bits depend on the instruction set: it is forced, and the widest ones, which not every processor
/// has, run a few strategies only. `expf` and `log` are glibc's, which has the same bits on all
/// processors with fused multiplication and addition, Intel's and AMD's.
enum RecordedSteps {
  static let header =
    "model,setting,batch_size,threads,instruction_set,strategy,"
    + "saved_bytes,activation_peak_bytes,peak_bytes,forecast_peak_bytes,losses,state"

  /// Scratch, and with it bytes, depend on the number of threads; bits do not.
  private static let threadCount = 2

  /// What small variants are trained under.
  private static let trained =
    allStrategies
    + [
      "optimal:1/2", "optimal:3/4", "microbatch:2", "microbatch:4+sqrt", "microbatch:2+quantize:2",
      "invert",
    ].map(strategy)

  /// What instruction sets beyond the one that all processors have run.
  private static let trainedWidely = ["full", "trace:8", "quantize:4", "microbatch:2"].map(strategy)

  /// What is forecast in the usual sizes: what `tidemark compare` runs unless told otherwise, and one
  /// of each other kind.
  private static let forecast = [
    "full", "sqrt", "checkpoint:3", "revolve:2", "mixed:2", "optimal:1/2", "optimal:1/3",
    "microbatch:2", "spill:8MiB", "quantize:4", "trace:8", "trace:32", "invert",
  ].map(strategy)

  /// What needs no plan, which takes minutes for deep graphs.
  private static let forecastDeep = [
    "full", "sqrt", "checkpoint:3", "microbatch:2", "spill:8MiB", "quantize:4", "trace:8",
  ].map(strategy)

  /// All lines of a model, in the order of the file.
  static func lines(of model: Model) throws -> [String] {
    var lines: [String] = []
    let small = try model.small()
    for set in InstructionSet.available {
      for strategy in set == .baseline ? trained : trainedWidely {
        lines.append(try line(model, small, strategy, set, batchSize: 4))
      }
    }
    let usual = try model.network(input: model.usualInput, classes: model.usualClassCount)
    let strategies = Model.deep.contains(model) ? forecastDeep : forecast
    return lines + (try strategies.map { try line(model, usual, $0, nil, batchSize: 64) })
  }

  /// One line; without an instruction set the step is only forecast.
  private static func line(
    _ model: Model, _ network: Network, _ strategy: Strategy, _ set: InstructionSet?, batchSize: Int
  ) throws -> String {
    let columns: [String]
    do {
      let step = try Step.training(
        network, strategy: strategy, batchSize: batchSize, threadCount: threadCount)
      columns = try set.map { try run(step, $0) } ?? forecast(step)
    } catch is ScheduleError {
      columns = ["refused", "", "", "", "", ""]
    }
    return
      ([
        model.name, set == nil ? "usual" : "small", "\(batchSize)", "\(threadCount)",
        set?.rawValue ?? "", "\"\(strategy)\"",
      ] + columns).joined(separator: ",")
  }

  private static func forecast(_ step: Step) -> [String] {
    let forecast = Forecast(
      step,
      baseline: BaselineMemory(
        network: step.network, batchSize: step.batchSize, optimizerStateCount: 1))
    return [
      "\(step.savedByteCount)", "\(forecast.activationPeakByteCount)", "",
      "\(forecast.peakByteCount)", "", "",
    ]
  }

  /// Ten steps of training.
  private static func run(_ step: Step, _ set: InstructionSet) throws -> [String] {
    let trainer = try Trainer(
      step: step, engine: Engine(threadCount: threadCount, instructionSet: set),
      optimizer: .sgd(learningRate: 0.01), ledger: Ledger(for: step.network), seed: 7)
    var bytes: [Int] = []
    var losses: [String] = []
    for round in 0..<10 {
      trainer.fillBatch(round: round)
      let scope = trainer.ledger.beginScope()
      do {
        let result = try trainer.step()
        losses.append(hexadecimal(UInt64(result.report.loss.bitPattern), digits: 8))
        if round == 0 {
          bytes = [
            result.savedByteCount, result.timeline.map(\.stepTotal).max() ?? 0,
            scope.end().globalPeak, trainer.forecast.peakByteCount,
          ]
        }
      } catch {
        guard case .nonFiniteLoss = error else { throw error }
        losses.append("diverged")
        break
      }
    }
    // FNV-1a, over 32-bit words.
    let hash = trainer.state.joined().reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return bytes.map(String.init) + [
      losses.joined(separator: " "), hexadecimal(hash, digits: 16),
    ]
  }

  private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}

// MARK: - The file

extension RecordedSteps {
  /// Whether the file is to be written instead of being compared with.
  static let isRecording = unsafe getenv("TIDEMARK_RECORD") != nil

  private static let path: String = {
    // This file is Tests/ExecutionTests/RecordedSteps.swift.
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return components.dropLast(2).joined(separator: "/") + "/Recorded/steps.csv"
  }()

  /// The recorded lines of a model that can be run here: those of instruction sets that this
  /// processor lacks are left out.
  static func recorded(of model: Model) throws -> [String] {
    try recorded().filter { isOf(model, $0) && canRun($0) }
  }

  /// Writes the file anew; lines that cannot be run here stay as they are.
  static func record() throws {
    let others = try recorded().filter { !canRun($0) }
    var lines = [header]
    for model in Model.named.sorted(by: { $0.name < $1.name }) {
      lines += try self.lines(of: model) + others.filter { isOf(model, $0) }
    }
    try FileWriting.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  private static func recorded() throws -> [String] {
    String(decoding: try FileReading.bytes(of: path), as: UTF8.self).split(separator: "\n")
      .dropFirst().map(String.init)
  }

  private static func isOf(_ model: Model, _ line: String) -> Bool {
    line.hasPrefix("\(model.name),")
  }

  private static func canRun(_ line: String) -> Bool {
    let set = line.split(separator: ",", omittingEmptySubsequences: false)[4]
    return set.isEmpty || InstructionSet.available.contains { $0.rawValue == set }
  }
}
