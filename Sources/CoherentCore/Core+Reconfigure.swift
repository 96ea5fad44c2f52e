// The administrator's new numbers, while the daemon runs. Limits, bounds and watermarks can change
// at any moment; what memory is made of cannot. A limit that is lower than what is in use takes
// nothing away: what was granted stays, and what is asked from then on is refused.

extension CoreConfiguration {
  /// Whether the other one has the same frames, the same region, arenas of the same size and the
  /// same promise about eviction: what a core keeps for as long as it lives.
  package func hasSameShape(as other: CoreConfiguration) -> Bool {
    frameBytes == other.frameBytes && blockFrames == other.blockFrames
      && maximumBlocks == other.maximumBlocks
      && arenaFrames == other.arenaFrames && oversubscribe == other.oversubscribe
  }
}

extension Core {
  /// Decides by other numbers from now on. Leases and deadlines that were granted stay as they are,
  /// and so does a session's number of allocations where it would grow: the session's control words
  /// were counted when it began. O(sessions + waiters).
  package mutating func reconfigure(
    _ new: CoreConfiguration, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    invariant(configuration.hasSameShape(as: new), "a core keeps its frames and its region")
    let keepsLedger = configuration.keepsLedger
    configuration = new
    watermarks = new.marks
    configuration.scale(watermarks, usable: region.usable)
    configuration.keepsLedger = keepsLedger  // whoever made the core decided that, for good
    hostCeilingFrames = max(new.hostLimitFrames, hostReservedFrames)
    sessions.limit = new.maximumSessions
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      sessions[slot].pins.setLimit(new.maximumPinsPerSession)
      sessions[slot].arena.allocations.setLimit(
        min(sessions[slot].allocationsAtMost, new.maximumAllocationsPerSession))
    }
    guard !isStopping else { return }
    endHopelessWaiters(now, &effects)
    serveFrameQueue(now, &effects)
  }

  /// Whoever waits for more than the device may give now is refused at once; to evict for it would
  /// be in vain. An allocation that may be larger than the device waits for it no more. O(waiters).
  mutating func endHopelessWaiters(_ now: Instant, _ effects: inout [Effect]) {
    let largest = largestFrames
    for slot in 0..<waiters.endSlot where waiters.holds(slot: slot) {
      let identifier = waiters.identifier(slot: slot)
      switch waiters[slot: slot].wish {
      case .allocate(let frames, _, _)
      where region.usable == 0 || !configuration.oversubscribe && frames > largest:
        timeOut(identifier, now, &effects)
      case .migrate(_, let range, .device, _, _) where range.count > largest:
        let waiter = endWaiter(identifier)
        endWaitersPins(waiter, now, &effects)
        answer(waiter.requester, .refused(largerThanDevice(range)), &effects)
      case .allocate, .migrate, .pin, .evict, .discard: break
      }
    }
  }

  /// Frames that may still be promised room in the host.
  var hostRoomFrames: Int { max(promisableFrames - hostReservedFrames, 0) }
}
