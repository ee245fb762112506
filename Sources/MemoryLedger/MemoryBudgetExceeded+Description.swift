extension MemoryBudgetExceeded: CustomStringConvertible {
  /// What happened in one sentence, then the table by category and the owners that hold most.
  public var description: String {
    var table = TextTable(
      header: ["category", "current", "peak", "limit"], numberColumns: [1, 2, 3])
    for row in categories where row.current != 0 || row.peak != 0 || row.limit != nil {
      table.append([row.category.name, size(row.current), size(row.peak), size(row.limit)])
    }
    table.append(["total", size(currentTotal), size(peakTotal), size(totalLimit)])
    return ([sentence] + table.lines + OwnerTable.lines(owners)).joined(separator: "\n")
  }

  private var sentence: String {
    let asked =
      "\(ownerName ?? "an unnamed owner") asked for \(full(requestedBytes)) of \(category.name) "
      + "during \(phase)"
    guard let limit, let excess else {
      return cause == .injected
        ? "\(asked), and a test made the request fail"
        : "\(asked), and the system has no more memory"
    }
    let isTotal = cause == .totalLimit(limit)
    let current = isTotal ? currentTotal : categories[category.rawValue].current
    let peak = isTotal ? peakTotal : categories[category.rawValue].peak
    return "\(asked), \(full(excess)) too many: the limit of "
      + "\(isTotal ? "all categories" : category.name) is \(full(limit)), "
      + "\(full(current)) stand, the peak was \(full(peak))"
  }

  private func full(_ bytes: Int) -> String { ByteCount(bytes: bytes).fullDescription }

  private func size(_ bytes: Int?) -> String {
    bytes.map { ByteCount(bytes: $0).exactDescription } ?? "-"
  }
}
