import Threads

extension Ledger {
  /// Begins to measure; scopes may nest, and may overlap when several threads measure.
  ///
  /// Allocates nothing once as many scopes have been open before.
  ///
  /// - Parameter categories: The categories whose joint peak decides what ``MeasuringScope``
  ///   reports as standing at the peak.
  /// - Returns: The scope, which lasts until it is ended or forgotten.
  public func beginScope(watching categories: MemoryCategorySet = .all) -> MeasuringScope {
    MeasuringScope(
      ledger: self, watermark: state.withLock { $0.openWatermark(watching: categories) })
  }

  /// Measures what `body` does.
  ///
  /// - Parameters:
  ///   - categories: The categories whose joint peak is looked for.
  ///   - body: What is measured; what other threads do with the ledger meanwhile counts too.
  /// - Returns: What `body` returned, and what was measured.
  /// - Throws: What `body` throws.
  public func measure<Result, Failure: Error>(
    watching categories: MemoryCategorySet = .all, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> (result: Result, measurement: MemoryMeasurement) {
    let scope = beginScope(watching: categories)
    let result = try body()
    return (result, scope.end())
  }
}

/// A stretch of time in which a ledger's memory is measured; it ends when the value does.
public struct MeasuringScope: ~Copyable, Sendable {
  private let ledger: Ledger
  private let watermark: Int

  init(ledger: Ledger, watermark: Int) {
    self.ledger = ledger
    self.watermark = watermark
  }

  deinit {
    ledger.state.withLock { $0.closeWatermark(watermark) }
  }

  /// What has been measured until now; allocates nothing.
  public var measurement: MemoryMeasurement {
    ledger.state.withLock { $0.watermarks[watermark].measurement(at: $0.level) }
  }

  /// What stood when the watched categories were highest, by owner and category; allocates an array.
  public var standingAtPeak: StandingMemory {
    ledger.state.withLock {
      $0.standing(atPeakOf: watermark, ownerNames: ledger.ownerNames)
    }
  }

  /// Ends the scope and returns what was measured; allocates nothing.
  public consuming func end() -> MemoryMeasurement {
    measurement
  }
}
