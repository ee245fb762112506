import KernelInterface

/// A pass of a convolution.
public enum ConvolutionDirection: String, CaseIterable, Sendable {
  /// The output from the input.
  case forward
  /// The gradient of the input from that of the output.
  case backwardData
  /// The gradients of weights and bias from the input and the output's gradient.
  case backwardWeights
}

extension ConvolutionGeometry {
  /// The bytes of scratch that a pass needs.
  ///
  /// Packed weights or partial gradients, shared by all threads, and less than a mebibyte for each
  /// thread. Neither grows with the map or the batch.
  ///
  /// - Parameters:
  ///   - direction: The pass.
  ///   - threadCount: The number of threads of the engine that will run it.
  /// - Returns: The number of bytes; the scratch must be aligned to 64.
  public func scratchByteCount(_ direction: ConvolutionDirection, threadCount: Int) -> Int {
    ConvolutionScratch(self, direction).byteCount(threadCount: threadCount)
  }
}

/// How the scratch of a pass is shared out, in floats: a part for all threads, then one for each.
struct ConvolutionScratch {
  var panels = 0
  var bias = 0
  var perThread = 0

  init(_ geometry: ConvolutionGeometry, _ direction: ConvolutionDirection) {
    switch direction {
    case .forward:
      add(.forward(geometry))
    case .backwardData:
      for phase in BackwardPhases(geometry) {
        add(.backward(geometry, phase: phase))
      }
    case .backwardWeights:
      let plan = WeightGradientPlan(geometry)
      guard plan.isFeasible else { return }
      panels = Self.aligned(plan.partialCount)
      // A packed copy may be written a vector too far.
      perThread = Self.aligned(
        WeightGradientPlan.tailCount + plan.packedGradientCount + plan.packedCount + 16)
    }
  }

  func byteCount(threadCount: Int) -> Int {
    4 * (panels + bias + threadCount * perThread)
  }

  private mutating func add(_ plan: CorrelationPlan) {
    guard plan.isFeasible else { return }
    panels = max(panels, Self.aligned(plan.panelCount))
    bias = max(bias, Self.aligned(plan.biasCount))
    perThread = max(
      perThread, Self.aligned(CorrelationPlan.tailCount + plan.packedCount + 16))
  }

  /// Whole cache lines.
  private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

/// The phases of a data gradient: the input positions by their remainders modulo the stride.
struct BackwardPhases: Sequence, IteratorProtocol {
  private let counts: Extent3
  private var index = 0

  init(_ geometry: ConvolutionGeometry) {
    counts = CorrelationPlan.phases(geometry)
  }

  mutating func next() -> Extent3? {
    guard index < counts.volume else { return nil }
    defer { index += 1 }
    return Extent3(
      depth: index / (counts.width * counts.height), height: index / counts.width % counts.height,
      width: index % counts.width)
  }
}
