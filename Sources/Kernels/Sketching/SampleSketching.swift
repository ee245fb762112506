import KernelInterface
import Synchronization

/// Makes the sketch of each sample of an output as soon as a pass has written all of it, so that the
/// sketch reads what is still in a cache.
///
/// Tasks say what they have written; whoever writes the last part of a sample sketches the sample. What is
/// stored is what `Engine.sketch` stores, to the bit.
@safe public struct SampleSketching {
  /// With fewer samples, threads that wait for the last ones would lose more than caches save.
  private static let fewestSamples = 8

  private let pass: SketchPass
  private let output: UnsafePointer<Float>
  private let stored: UnsafeMutableRawPointer
  /// For each sample, the elements that are not written yet.
  private let missing: UnsafeMutablePointer<Atomic<Int>>

  /// Prepares for one pass that writes an output.
  ///
  /// - Parameters:
  ///   - engine: Runs the pass.
  ///   - description: A sketch that `serves` accepts.
  ///   - geometry: The convolution that reads the output.
  ///   - output: Where the pass writes: batch, depth, height, width, channels.
  ///   - stored: Receives `description.byteCount(for: geometry)` bytes, aligned to 4.
  ///   - scratch: `scratchByteCount` bytes, aligned to 64.
  public init(
    _ engine: Engine, _ description: SketchDescription, _ geometry: ConvolutionGeometry,
    output: UnsafePointer<Float>, into stored: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) {
    precondition(
      Self.serves(description, batchSize: geometry.batchSize),
      "\(description) is not made sample by sample")
    unsafe self.output = output
    unsafe self.stored = stored
    let counts = description.sketchScratchByteCount(
      for: geometry, threadCount: engine.threadCount)
    pass = unsafe SketchPass(engine, description, geometry, scratch: scratch, probes: .drawn)
    unsafe missing = (scratch + counts).bindMemory(
      to: Atomic<Int>.self, capacity: geometry.batchSize)
    for sample in 0..<geometry.batchSize {
      unsafe (missing + sample).initialize(to: Atomic(pass.sampleElementCount))
    }
  }

  /// Whether a sketch can be made sample by sample: samples have random numbers of their own, and are
  /// enough to keep all threads busy.
  public static func serves(_ description: SketchDescription, batchSize: Int) -> Bool {
    description.estimator.drawsPerSample && batchSize >= fewestSamples
  }

  /// The bytes of scratch that it works in: those of `Engine.sketch`, and a count for each sample.
  ///
  /// - Parameters:
  ///   - description: The sketch.
  ///   - geometry: The convolution.
  ///   - threadCount: The engine's number of threads.
  /// - Returns: The bytes; the same for every instruction set.
  public static func scratchByteCount(
    _ description: SketchDescription, for geometry: ConvolutionGeometry, threadCount: Int
  ) -> Int {
    description.sketchScratchByteCount(for: geometry, threadCount: threadCount)
      + geometry.batchSize * MemoryLayout<Atomic<Int>>.stride
  }

  /// Notes that elements of the output are written, and sketches the samples of which none is missing.
  ///
  /// Each element is noted once, by the worker that wrote it.
  func noteWritten(_ elements: Range<Int>, worker: Int) {
    let count = pass.sampleElementCount
    var start = elements.lowerBound
    while start < elements.upperBound {
      let sample = start / count
      let end = min(elements.upperBound, (sample + 1) * count)
      // What others wrote of the sample is seen by whoever sees their count.
      let left = unsafe missing[sample]
        .subtract(end - start, ordering: .acquiringAndReleasing).newValue
      if left == 0 {
        unsafe pass.compress(output, sample: sample, worker: worker, into: stored)
      }
      start = end
    }
  }
}

extension SketchPass {
  fileprivate var sampleElementCount: Int { plan.pixelCount * geometry.inputChannels }
}
