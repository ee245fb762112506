import Kernels
import Networks
import Testing

/// The check of operations finds what is broken.
@Suite struct OperationCheckTests {
  private static let shape = Shape(5, 3, channels: 4)

  private func check(_ defect: Doubling.Defect?) -> OperationCheck {
    OperationCheck(
      operation: Doubling(defect: defect), inputs: [Self.shape], batchSize: 3,
      sourceLocation: #_sourceLocation)
  }

  @Test func whatIsSoundPasses() throws {
    try checkOperation(Doubling(defect: nil), inputs: [Self.shape])
  }

  @Test(arguments: [
    Doubling.Defect.writesBefore, .writesBehind, .leavesTheLastUnwritten, .readsScratch,
    .dependsOnThreads,
  ])
  func passesAreWatched(defect: Doubling.Defect) {
    withKnownIssue { try check(defect).engines() }
  }

  @Test func gradientsAreSlopes() {
    withKnownIssue { try check(.halvesTheGradient).slopes() }
  }

  @Test func gradientsAreAdded() {
    withKnownIssue { try check(.overwritesGradients).accumulation() }
  }

  @Test func memoryIsTakenOverWithCare() {
    withKnownIssue { try check(.readsWhatItOverwrote).takingOver() }
  }

  @Test func representationsAreRead() {
    withKnownIssue { try check(.takesMasksForValues).representations() }
  }
}

/// The double of every element, where positive, with a defect perhaps.
struct Doubling: NetworkOperation {
  enum Defect: Sendable {
    case writesBefore
    case writesBehind
    case leavesTheLastUnwritten
    case readsScratch
    case dependsOnThreads
    case halvesTheGradient
    case overwritesGradients
    case readsWhatItOverwrote
    case takesMasksForValues
  }

  let defect: Defect?

  var kind: String { "doubling" }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func forwardFLOPs(_ shapes: NodeShapes) -> Int { shapes.outputElementCount }

  func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.output, accepted: [.whole, .signMask])]
  }

  func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] { [0] }

  func scratchByteCount(_ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int) -> Int { 64 }

  func forward(_ pass: ForwardPass) {
    guard let output = unsafe pass.output else { return }
    let (input, count) = unsafe (pass.inputs[0], pass.shapes.outputElementCount)
    let scratch = unsafe pass.scratch.assumingMemoryBound(to: Float.self)
    for index in 0..<count where defect != .leavesTheLastUnwritten || index < count - 1 {
      let source = defect == .readsWhatItOverwrote ? count - 1 - index : index
      unsafe output[index] = 2 * max(0, input[source])
    }
    switch defect {
    case .writesBefore: unsafe output[-1] = 0
    case .writesBehind: unsafe output[count] = 0
    case .readsScratch: unsafe output[0] += scratch[0]
    case .dependsOnThreads: unsafe output[0] += 1e-6 * Float(pass.engine.threadCount)
    default: break
    }
  }

  func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0],
      let gradient = unsafe pass.outputGradient
    else { return }
    let residual = pass.residual(.output)
    let mask = unsafe residual.memory.assumingMemoryBound(to: UInt8.self)
    let readsMask = residual.representation == .signMask && defect != .takesMasksForValues
    for index in 0..<(pass.shapes.outputElementCount) {
      let isPositive: Bool
      if residual.representation == .whole {
        isPositive = unsafe residual.floats[index] > 0
      } else {
        isPositive = unsafe mask[index / 8] >> UInt8(readsMask ? index % 8 : 0) & 1 == 1
      }
      let slope: Float = isPositive ? (defect == .halvesTheGradient ? 1 : 2) : 0
      let sum =
        unsafe destination.accumulate && defect != .overwritesGradients
        ? destination.memory[index] : 0
      unsafe destination.memory[index] = sum + slope * gradient[index]
    }
  }
}
