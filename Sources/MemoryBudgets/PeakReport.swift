import MemoryLedger

/// How high memory rose, who held it at the peak, and what the limit was.
public struct PeakReport: Sendable {
  /// A row of the table by category.
  public struct Row: Equatable, Sendable {
    /// The name of the category, or "other allocations".
    public let name: String
    /// The bytes that stood of it when the subject was at its peak.
    public let atPeak: Int
    /// The most that stood of it, at its own moment.
    public let highest: Int
  }

  /// Which memory was measured.
  public let subject: MemorySubject
  /// The most that was allowed.
  public let limit: ByteCount
  /// The most that stood, in requested bytes.
  public let peak: ByteCount
  /// The most that stood in usable bytes, rounded up to size classes; nil if not measured.
  public let usablePeak: ByteCount?
  /// Everything that was requested, freed since or not; nil if not measured.
  public let totalBytes: Int?
  /// The table by category, without those that held nothing.
  public let rows: [Row]
  /// The owners in the ledgers that were used, the one that held most of the subject first.
  public let owners: [OwnerBytes]
  /// What else is worth knowing, a sentence each.
  public let notes: [String]

  /// By how many bytes the peak was over the limit; zero or less if it was within.
  public var excess: ByteCount { ByteCount(bytes: peak.bytes - limit.bytes) }
}

extension PeakReport: CustomStringConvertible {
  /// The verdict in one sentence, then the table by category, the owners that held most, the notes.
  public var description: String {
    let verdict =
      excess.bytes > 0
      ? "\(excess.fullDescription) over the limit of \(limit.fullDescription)"
      : "within the limit of \(limit.fullDescription)"
    var table = TextTable(header: ["category", "at the peak", "highest"], numberColumns: [1, 2])
    for row in rows {
      table.append([
        row.name, ByteCount(bytes: row.atPeak).exactDescription,
        ByteCount(bytes: row.highest).exactDescription,
      ])
    }
    let lines =
      ["memory budget: \(subject.name) peaked at \(peak.fullDescription), \(verdict)"]
      + table.lines + OwnerTable.lines(owners) + notes.map { "  " + $0 }
    return lines.joined(separator: "\n")
  }

  /// The report as a table of RFC 4180: rows of categories, then of owners by category.
  public var csv: String {
    var lines = ["kind,name,category,bytes_at_peak,highest_bytes"]
    lines.append("subject,\(Self.quoted(subject.name)),,\(peak.bytes),\(peak.bytes)")
    lines.append("limit,,,\(limit.bytes),\(limit.bytes)")
    for row in rows {
      lines.append("category,,\(Self.quoted(row.name)),\(row.atPeak),\(row.highest)")
    }
    for owner in owners {
      for category in MemoryCategory.allCases where owner.bytes[category] != 0 {
        lines.append(
          "owner,\(Self.quoted(owner.name)),\(category.name),\(owner.bytes[category]),")
      }
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
