import CAllocationTracker
import MemoryLedger

/// The tracker of single allocations, as far as Swift has to do with it.
enum AllocationTracker {
  /// The measurement that the running task's allocations belong to; the tracker reads it too.
  @TaskLocal static var token: Int64 = -1

  /// Why the tracker cannot serve in this process; nil if it can.
  static let obstacle: String? = {
    guard Jemalloc.isActive else {
      return "jemalloc does not serve this process, as under the address sanitizer"
    }
    guard tidemark_tracker_is_available() else {
      return "this build of jemalloc has no allocation hooks"
    }
    return nil
  }()

  /// Prepares a measurement; nil if too many are under way.
  static func prepare(wholeProcess: Bool) -> Int64? {
    // The address of the task-local's object is the key by which the runtime finds its values.
    let key = unsafe UnsafeRawPointer(Unmanaged.passUnretained($token).toOpaque())
    let token = unsafe tidemark_tracker_prepare(
      token, wholeProcess, key, ArenaCategories.table)
    return token < 0 ? nil : token
  }

  static func start(_ token: Int64) {
    tidemark_tracker_start(token)
  }

  static func end(_ token: Int64) -> tidemark_tally {
    var tally = tidemark_tally()
    unsafe tidemark_tracker_end(token, &tally)
    return tally
  }

  /// Leaves out what the calling thread allocates until the matching call.
  static func pause(_ begins: Bool) {
    tidemark_tracker_pause(begins)
  }
}

extension tidemark_tally {
  /// The table by category, without those that held nothing.
  var rows: [PeakReport.Row] {
    let names = MemoryCategory.allCases.map(\.name) + ["other allocations"]
    return unsafe withUnsafeBytes(of: class_at_peak) { atPeak in
      unsafe withUnsafeBytes(of: class_peak) { highest in
        names.enumerated().compactMap { index, name in
          let row = unsafe PeakReport.Row(
            name: name, atPeak: atPeak.bindMemory(to: Int.self)[index],
            highest: highest.bindMemory(to: Int.self)[index])
          return row.highest == 0 ? nil : row
        }
      }
    }
  }
}
