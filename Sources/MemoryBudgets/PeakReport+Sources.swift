import CAllocationTracker
import MemoryLedger

extension MemorySubject {
  /// The categories whose owners are told.
  var watchedCategories: MemoryCategorySet {
    if case .categories(let categories) = kind { categories } else { .all }
  }
}

extension PeakReport {
  /// The report of the categories of some ledgers.
  init(_ subject: MemorySubject, limit: ByteCount, ledgers: LedgerWatchReport) {
    self.subject = subject
    self.limit = limit
    peak = ByteCount(bytes: ledgers.peak)
    usablePeak = nil
    totalBytes = nil
    rows = MemoryCategory.allCases.compactMap { category in
      guard ledgers.peaks[category] != 0 else { return nil }
      return Row(
        name: category.name, atPeak: ledgers.atPeak[category], highest: ledgers.peaks[category])
    }
    owners = Self.owners(ledgers.owners, of: subject.watchedCategories)
    notes = []
  }

  /// The report of single allocations.
  init(
    _ subject: MemorySubject, limit: ByteCount, tally: tidemark_tally, ledgers: LedgerWatchReport
  ) {
    self.subject = subject
    self.limit = limit
    peak = ByteCount(bytes: tally.peak)
    usablePeak = ByteCount(bytes: tally.usable_peak)
    rows = tally.rows
    owners = Self.owners(ledgers.owners, of: .all)
    totalBytes = tally.byte_count
    let blocks = "\(tally.block_count) \(tally.block_count == 1 ? "block" : "blocks")"
    var notes = [
      "in all: \(blocks) of \(ByteCount(bytes: tally.byte_count).fullDescription)"
        + "; the peak in size classes: \(ByteCount(bytes: tally.usable_peak).fullDescription)"
    ]
    let foreign = tally.process_byte_count - tally.byte_count
    if foreign > 0 {
      notes.append(
        "not counted: \(ByteCount(bytes: foreign).fullDescription) that other tasks and threads "
          + "allocated meanwhile")
    }
    self.notes = notes
  }

  /// What each owner holds of some categories, the one that holds most first.
  private static func owners(
    _ owners: [OwnerBytes], of categories: MemoryCategorySet
  ) -> [OwnerBytes] {
    owners.map { $0.only(categories) }.filter { $0.bytes.total > 0 }
      .sorted { ($1.bytes.total, $0.owner.index) < ($0.bytes.total, $1.owner.index) }
  }
}
