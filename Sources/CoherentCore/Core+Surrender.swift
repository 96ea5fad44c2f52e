// Stopping the daemon is driver removal: every client keeps its data, in its own memory. From
// then on nothing is granted and nothing evicted; each session's evicted frames are brought back
// into its arena, a run at a time, until its pager can let go of the client's address space.

import CoherentWire

extension Core {
  /// No more requests, evictions or promotions; what waits is refused.
  package mutating func beginStopping(_ now: Instant, _ effects: inout [Effect]) {
    guard !isStopping else { return }
    see(now)
    isStopping = true
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) && !sessions[slot].isEnding {
      for identifier in sessions[slot].waiters {
        let waiter = endWaiter(identifier)
        if let range = waiter.pinnedRange { removePins(slot, range) }
        let refused = refusal(.regionGoingOffline, .daemonStopping)
        answerEnd(waiter, refused, &effects)
      }
    }
    for slot in 0..<waiters.endSlot where waiters.holds(slot: slot) {
      let waiter = endWaiter(waiters.identifier(slot: slot))
      answerEnd(waiter, refusal(.regionGoingOffline, .daemonStopping), &effects)
    }
  }

  private mutating func answerEnd(
    _ waiter: Waiter, _ refused: Refusal, _ effects: inout [Effect]
  ) {
    if case .evict(let eviction) = waiter.wish {
      finishEviction(waiter, eviction, &effects)
    } else {
      answer(waiter.requester, .refused(refused), &effects)
    }
  }

  /// The next run of a session's frames whose only copy lies in the host store, at most `limit`
  /// frames, to be filled into the arena; nil when there is none, or when the session is over.
  /// The session has no job under way. O(frames) over all calls.
  package mutating func surrenderNext(_ id: SessionID, limit: Int) -> FillOrder? {
    guard isStopping, let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return nil }
    var order: FillOrder?
    while sessions[slot].releaseCursor < sessions[slot].arena.frames.count {
      let index = sessions[slot].releaseCursor
      let frame = sessions[slot].arena.frames[index]
      let isWanted = frame.isAllocated && frame.place == .stored && frame.flags.contains(.hasCopy)
      if let order, !isWanted || order.count >= limit { return order }
      sessions[slot].releaseCursor += 1
      guard isWanted else { continue }
      let fill = beginRestore(slot, index, toDevice: false)
      order = FillOrder(
        first: order?.first ?? index, count: (order?.count ?? 0) + 1, source: fill.source,
        writeProtected: false, target: fill.target)
    }
    return order
  }
}
