import Threads

extension Ledger {
  /// Takes a block of memory, 64-byte aligned and not initialised, and counts it.
  ///
  /// Allocates the block and nothing else.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes to take; 0 gives a block with an address of its own.
  ///   - category: What the block is for.
  ///   - owner: Who holds the block: an owner of this ledger.
  /// - Returns: The block, which frees itself.
  /// - Throws: ``MemoryBudgetExceeded`` if the block would rise above a limit, or the system has no
  ///   more memory. Nothing is counted then.
  public func allocate(
    byteCount: Int, category: MemoryCategory, owner: MemoryOwner = .unattributed
  ) throws(MemoryBudgetExceeded) -> MemoryBlock {
    precondition(byteCount >= 0, "a block cannot have \(byteCount) bytes")
    let (pointer, usable) = try unsafe takeMemory(
      byteCount: byteCount, counted: byteCount, category: category, owner: owner)
    return unsafe MemoryBlock(
      pointer: pointer, byteCount: byteCount, usableByteCount: usable, category: category,
      owner: owner, ledger: self, slab: nil)
  }

  /// Takes memory from the allocator and counts it, as so many requested bytes.
  func takeMemory(
    byteCount: Int, counted: Int, category: MemoryCategory, owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) -> (pointer: UnsafeMutableRawPointer, usable: Int) {
    checkOwner(owner)
    // The allocator is called under the lock: a limit is never passed even for a moment, and the
    // books and the allocator's statistics agree at every moment that the lock is free.
    let (address, usable) = try state.withLock {
      (state) throws(MemoryBudgetExceeded) -> (UInt, Int) in
      try admit(counted, category, owner, state: &state)
      guard
        let (address, usable) = arenas.allocate(byteCount: byteCount, category: category)
      else {
        throw refuse(byteCount, category, owner, because: .outOfMemory, state: &state)
      }
      if isRecording {
        state.add(
          address: address, byteCount: counted, usable: usable, category: category, owner: owner)
      }
      return (address, usable)
    }
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      preconditionFailure("the allocator returned address zero as a success")
    }
    return unsafe (pointer, usable)
  }

  /// Counts a block of a slab.
  func count(
    byteCount: Int, at address: UInt, category: MemoryCategory, owner: MemoryOwner
  ) throws(MemoryBudgetExceeded) {
    checkOwner(owner)
    try state.withLock { (state) throws(MemoryBudgetExceeded) in
      try admit(byteCount, category, owner, state: &state)
      if isRecording {
        state.add(
          address: address, byteCount: byteCount, usable: 0, category: category, owner: owner)
      }
    }
  }

  /// Uncounts a block of a slab.
  func uncount(
    byteCount: Int, at address: UInt, category: MemoryCategory, owner: MemoryOwner
  ) {
    state.withLock { state in
      if isRecording {
        state.remove(
          address: address, byteCount: byteCount, usable: 0, category: category, owner: owner)
      }
    }
  }

  private func checkOwner(_ owner: MemoryOwner) {
    precondition(
      owner.index < ownerNames.count,
      "owner \(owner.index) is none of the \(ownerNames.count) owners of this ledger")
  }

  /// Refuses a request that would pass a limit.
  private func admit(
    _ byteCount: Int, _ category: MemoryCategory, _ owner: MemoryOwner, state: inout LedgerState
  ) throws(MemoryBudgetExceeded) {
    if LedgerWatch.isAnyActive { LedgerWatch.current?.attach(self, state: &state) }
    if let cause = refusal(of: byteCount, category: category, state: &state) {
      throw refuse(byteCount, category, owner, because: cause, state: &state)
    }
  }

  /// Uncounts a block, then frees it: in this order nobody can count the same address twice.
  func free(
    _ pointer: UnsafeMutableRawPointer, byteCount: Int, usable: Int, category: MemoryCategory,
    owner: MemoryOwner
  ) {
    let address = UInt(bitPattern: pointer)
    state.withLock { state in
      if isRecording {
        state.remove(
          address: address, byteCount: byteCount, usable: usable, category: category, owner: owner)
      }
      arenas.free(address: address)
    }
  }

  /// Makes the `count`-th request from now fail as if memory had run out, once.
  ///
  /// - Parameter count: 1 for the next request; 0 takes a planned failure back.
  package func failAllocation(after count: Int) {
    precondition(count >= 0)
    state.withLock { $0.requestsUntilFault = count }
  }

  private func refusal(
    of byteCount: Int, category: MemoryCategory, state: inout LedgerState
  ) -> MemoryBudgetExceeded.Cause? {
    if state.requestsUntilFault > 0 {
      state.requestsUntilFault -= 1
      if state.requestsUntilFault == 0 { return .injected }
    }
    // Written as a difference, so that a huge request cannot overflow.
    if let limit = limits[category], byteCount > limit - state.bytes[category] {
      return .categoryLimit(limit)
    }
    if let limit = limits.total, byteCount > limit - state.all.bytes.current {
      return .totalLimit(limit)
    }
    return nil
  }

  private func refuse(
    _ byteCount: Int, _ category: MemoryCategory, _ owner: MemoryOwner,
    because cause: MemoryBudgetExceeded.Cause, state: inout LedgerState
  ) -> MemoryBudgetExceeded {
    state.record(
      .refuse, address: 0, byteCount: byteCount, usable: 0, category: category, owner: owner)
    return MemoryBudgetExceeded(
      cause: cause, requestedBytes: byteCount, category: category,
      ownerName: owner == .unattributed ? nil : ownerNames[owner.index], phase: "\(state.phase)",
      standing: state.standing(atPeakOf: nil, ownerNames: ownerNames),
      peakTotal: state.all.bytes.peak, peaks: state.watermarks[0].peaks, limits: limits)
  }
}
