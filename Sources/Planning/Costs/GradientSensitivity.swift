import Glibc
import KernelInterface
import Networks
import Schedules

/// How much a network's gradients err for errors of single values: what is expected of plans with
/// inexact values follows from it.
///
/// A gradient is a sum over pixels and samples. Errors of values that are independent add up to their
/// sum of squares, what the terms have in common adds up faster. How much that is differs from layer
/// to layer, between networks by factors of a hundred, and grows with the batch, so that it is
/// measured, with steps in which some values are inexact.
public struct GradientSensitivity: Sendable {
  /// What a step did whose values were inexact.
  public struct Trial: Sendable {
    /// The step.
    public let schedule: Schedule
    /// For every node, ‖ĝ − g‖² of its parameters over ‖g‖² of all parameters.
    public let squaredErrors: [Double]

    /// Notes what a step did.
    ///
    /// - Parameters:
    ///   - schedule: The step.
    ///   - squaredErrors: For every node, ‖ĝ − g‖² of its parameters over ‖g‖² of all parameters.
    public init(_ schedule: Schedule, squaredErrors: [Double]) {
      self.schedule = schedule
      self.squaredErrors = squaredErrors
    }

    /// The squared relative error of all gradients together.
    public var squaredError: Double { squaredErrors.reduce(0, +) }
  }

  /// For every value, the squared relative error of all gradients for an error of the value's own
  /// power, if it waits in few bits.
  private(set) var quantized: [Double]
  /// The same if it waits as a sketch.
  private(set) var sketched: [Double]

  /// An order of magnitude, for networks that nothing was measured of: that of resnet8 with a batch
  /// of 64, whose gradients have nine times the power of independent terms, the same for all layers.
  init(assumedFor network: Network) {
    let readers = network.inexactReaders.map { Double($0.count) }
    let count = max(1, readers.reduce(0, +))
    quantized = readers.map { $0 / count / 9 }
    sketched = quantized
  }

  /// The sensitivity that explains the errors of some steps.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - direct: A step in which only values wait in few bits that no normalisation reads: their
  ///     errors stay with their readers' parameters.
  ///   - all: A step in which all values do that can. What it errs more comes from normalisations,
  ///     which pass errors on; it is divided among their inputs evenly.
  ///   - sketched: A step in which all values are sketched that can be.
  public init(_ network: Network, direct: Trial, all: Trial, sketched: Trial) {
    let expected = ExpectedError(network, sensitivity: nil)
    // What was whole in all steps keeps its order of magnitude.
    let assumed = GradientSensitivity(assumedFor: network)
    quantized = assumed.quantized
    self.sketched = assumed.sketched
    let readers = network.inexactReaders
    let inexact = network.inexactValues(in: direct.schedule.representations)
    for (value, representation) in inexact {
      let error = readers[value].reduce(0) { $0 + direct.squaredErrors[$1] }
      quantized[value] = error / expected.noise(of: representation, value)
    }
    let known = Set(inexact.map(\.value))
    let others = network.inexactValues(in: all.schedule.representations).filter {
      !known.contains($0.value)
    }
    let rest = max(0, all.squaredError - direct.squaredError)
    for (value, representation) in others {
      quantized[value] = rest / Double(others.count) / expected.noise(of: representation, value)
    }
    for (value, representation) in network.inexactValues(in: sketched.schedule.representations) {
      let error = readers[value].reduce(0) { $0 + sketched.squaredErrors[$1] }
      self.sketched[value] = error / expected.noise(of: representation, value)
    }
  }

  /// The sensitivity for a larger batch: errors fall by a power of the batch from 0 to 1.
  ///
  /// - Parameters:
  ///   - errorRatio: The squared error for a smaller batch over that for this one.
  ///   - ratio: How many times the smaller batch this one's is; above 1.
  ///   - target: How many times this one's batch the larger one is.
  /// - Returns: The sensitivity.
  public func extrapolated(
    errorRatio: Double, ratio: Double, to target: Double
  ) -> GradientSensitivity {
    let power = min(1, max(0, log(errorRatio) / log(ratio)))
    var result = self
    result.quantized = quantized.map { $0 * pow(target, -power) }
    result.sketched = sketched.map { $0 * pow(target, -power) }
    return result
  }
}

extension Network {
  /// For every value, the nodes whose backward passes can read it inexactly.
  var inexactReaders: [[NodeID]] {
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    for node in nodes {
      for read in residualReads[node.id] where read.need.accepted.contains(.quantized) {
        if let value = read.value, value != node.id { readers[value].append(node.id) }
      }
    }
    return readers
  }

  /// The values that wait inexactly, in the order of the nodes, so that sums over them are the same in
  /// every run.
  func inexactValues(
    in representations: [[Representation]]
  ) -> [(value: NodeID, representation: Representation)] {
    var inexact: [NodeID: Representation] = [:]
    for node in nodes where requiresGradient[node.id] {
      for case .encoded(let value, let representation) in neededItems(
        of: node.id, representations)
      where representation.kind == .quantized || representation.kind == .sketch {
        inexact[value] = representation
      }
    }
    return inexact.sorted { $0.key < $1.key }.map { (value: $0.key, representation: $0.value) }
  }
}

extension Schedule {
  /// A step to measure a sensitivity with: values that can wait in few bits do, in four, those that
  /// normalisations read only if asked for.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - normalizations: Whether inputs of normalisations wait so too.
  ///   - batchSize: The number of samples.
  ///   - threadCount: The number of threads that scratch is booked for.
  /// - Returns: The step.
  package static func quantizing(
    _ network: Network, normalizations: Bool, batchSize: Int, threadCount: Int
  ) -> Schedule {
    let values = network.inexactValues(whole: [], kind: .quantized).filter { value in
      normalizations
        || !network.readers[value].contains { network.nodes[$0].operation.mixesSamples }
    }
    let representations = Approximation.quantization(Quantization(bits: .four, seed: 0))
      .representations(of: values, in: network, batchSize: batchSize)
    return Schedule(
      Plan(
        passes: network.passes(recomputing: [network.nodes.indices]),
        representations: network.leanRepresentations(wholeValues: [], reduced: representations)),
      MemoryFacts(network, batchSize: batchSize, threadCount: threadCount))
  }
}
