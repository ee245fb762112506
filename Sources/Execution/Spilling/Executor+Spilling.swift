import Files
import Networks
import Schedules

extension Executor {
  /// Begins to spill: opens the file with the first step that does.
  func beginSpilling(through item: Item) throws(StepError) {
    do throws(FileFailure) {
      if spill == nil { spill = try SpillTransfer(file: try spillFile()) }
      unsafe spill?.begin(
        memory: buffer(item).raw, byteCount: byteCount(of: item), loads: spilledLoads)
    } catch {
      throw .spilling(error)
    }
  }

  /// Writes a value to the file.
  func spill(_ id: NodeID, _ value: UnsafePointer<Float>) throws(StepError) {
    do throws(FileFailure) {
      try unsafe spill?.store(
        id, UnsafeRawBufferPointer(start: value, count: byteCount(of: .value(id))))
    } catch {
      throw .spilling(error)
    }
  }

  /// Reads a value back.
  func unspill(_ id: NodeID) throws(StepError) {
    do throws(FileFailure) {
      try unsafe spill?.load(
        id,
        into: UnsafeMutableRawBufferPointer(
          start: buffer(.value(id)).raw, count: byteCount(of: .value(id))))
    } catch {
      throw .spilling(error)
    }
  }

  /// The values that the schedule brings back, in order.
  private var spilledLoads: [(node: NodeID, byteCount: Int)] {
    schedule.actions.lazy.flatMap(\.deeds).compactMap { deed in
      guard case .decode(let node, .spilled) = deed else { return nil }
      return (node, byteCount(of: .value(node)))
    }
  }
}
