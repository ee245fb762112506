import Kernels
import NativeEngine
import Networks
import TestSupport
import Testing

/// Checks everything that every operation promises, on made-up values.
///
/// * Its output has the shape that it says and is written whole; no pass touches memory beside its own,
///   nor reads scratch that nobody wrote.
/// * Any number of threads gives the same bits, any instruction set the same numbers.
/// * Every residual is read in every representation that is accepted, and gives what that promises.
/// * Gradients that are wanted do not depend on which others are, and are added to what is there.
/// * Where memory may be taken over, taking it over changes no bit.
/// * Gradients are the slopes of the outputs (finite differences).
/// * In a network, the forecast is the ledger's timeline, exact strategies give the same bits, and
///   nothing is left in memory.
///
/// - Parameters:
///   - operation: The operation.
///   - inputs: The shapes of its inputs.
///   - batchSize: The number of samples.
///   - isSmooth: Whether gradients are slopes; false for straight-through gradients.
///   - sourceLocation: Where failures are reported.
/// - Throws: What an operation or a strategy throws that cannot be used.
func checkOperation(
  _ operation: any NetworkOperation, inputs: [Shape], batchSize: Int = 3, isSmooth: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let check = OperationCheck(
    operation: operation, inputs: inputs, batchSize: batchSize, sourceLocation: sourceLocation)
  try check.engines()
  try check.representations()
  try check.demands()
  try check.accumulation()
  try check.takingOver()
  if isSmooth { try check.slopes() }
  try check.network()
}

/// One operation with made-up values; `checkOperation` says what is checked.
struct OperationCheck {
  let operation: any NetworkOperation
  let inputs: [Shape]
  let batchSize: Int
  let sourceLocation: SourceLocation

  /// Selects the made-up values.
  static let seed: UInt64 = 11
  static let engine = Engine(threadCount: 2, instructionSet: .widest)

  /// A harness with values, which has run forward.
  func harness(_ engine: Engine = engine, overwriting: Int? = nil) throws -> OperationHarness {
    var numbers = TestRandom(seed: Self.seed)
    let harness = try OperationHarness(
      operation,
      inputs: inputs.map { ($0, spread(batchSize * $0.elementCount, using: &numbers)) },
      batchSize: batchSize,
      parameters: operation.parameters(for: inputs).map { description in
        let values = spread(description.elementCount, using: &numbers)
        return switch description.initializer {
        case .constant(let value): values.map { value + 0.25 * $0 }
        case .heUniform, .uniform: values.map { 0.5 * $0 }
        }
      }, engine: engine)
    harness.statistics = operation.runningStatistics(for: inputs).map { description in
      spread(description.elementCount, using: &numbers).map {
        description.initializer == .constant(1) ? 1 + 0.25 * $0 : $0
      }
    }
    harness.labels = (0..<batchSize * (inputs.first?.pixelCount ?? 1)).map { _ in
      Int32.random(in: 0..<Int32(max(1, inputs.first?.channels ?? 1)), using: &numbers)
    }
    if case .values(let count) = operation.lossTargets(for: inputs) {
      harness.targets = spread(batchSize * count, using: &numbers).map { abs($0) / 2 }
    }
    harness.forward(overwriting: overwriting)
    return harness
  }

  /// The gradient of the output that backward passes start from.
  func outputGradient(_ harness: OperationHarness) -> [Float] {
    var numbers = TestRandom(seed: Self.seed + 1)
    return spread(max(1, harness.shapes.outputElementCount), using: &numbers)
  }

  /// Numbers between −2 and 2 in any order, no two of them near each other and none near a whole
  /// number, where activations have their kinks.
  private func spread(_ count: Int, using numbers: inout TestRandom) -> [Float] {
    (0..<count).map { index in
      let position = 4 * (Float(index) + 0.5) / Float(count)
      let whole = position.rounded(.down)
      return whole - 2 + 0.08 + 0.84 * (position - whole)
    }.shuffled(using: &numbers)
  }

  func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    #expect(
      condition,
      """
      \(operation.kind) \(operation), inputs \(inputs), batch \(batchSize), seed \(Self.seed): \
      \(what())
      """, sourceLocation: sourceLocation)
  }
}

// MARK: - Shapes, scratch, threads

extension OperationCheck {
  /// Outputs, residuals and gradients on every instruction set and with several threads.
  func engines() throws {
    var first: OperationHarness?
    for set in InstructionSet.available {
      var ofSet: OperationHarness?
      for threadCount in [1, 2, 4] {
        let harness = try harness(Engine(threadCount: threadCount, instructionSet: set))
        harness.backward(outputGradient: outputGradient(harness))
        let context = "\(set), \(threadCount) threads"
        expect(!harness.overran, "\(context): a pass wrote beside its memory")
        expect(
          harness.inputGradients.count == inputs.count
            && harness.results.joined().allSatisfy(\.isFinite),
          "\(context): a pass left numbers unwritten, or read scratch that nobody wrote")
        if let ofSet {
          expect(harness.resultBits == ofSet.resultBits, "\(context): other bits than one thread")
          expect(harness.residuals == ofSet.residuals, "\(context): other residuals")
        } else if let first {
          let error = relativeDistance(harness.results, first.results)
          expect(
            error < 1e-4, "\(context): differs by \(error) from \(first.engine.instructionSet)")
        }
        ofSet = ofSet ?? harness
        first = first ?? harness
      }
    }
  }
}

extension OperationHarness {
  /// Everything that both passes computed.
  var results: [[Float]] {
    [operation.isLoss ? [report.loss] : output] + newStatistics + inputGradients
      + parameterGradients
  }

  var resultBits: [[UInt32]] { results.map { $0.map(\.bitPattern) } }

  /// All gradients.
  var gradients: [[Float]] { inputGradients + parameterGradients }

  var gradientBits: [[UInt32]] { gradients.map { $0.map(\.bitPattern) } }
}

/// The norm of the difference of two lists of tensors over the norm of the second.
func relativeDistance(_ values: [[Float]], _ reference: [[Float]]) -> Double {
  var (difference, norm) = (0.0, 0.0)
  for (value, exact) in zip(values.joined(), reference.joined()) {
    difference += (Double(value) - Double(exact)) * (Double(value) - Double(exact))
    norm += Double(exact) * Double(exact)
  }
  return (difference / max(norm, 1e-30)).squareRoot()
}
