// What counts as waiting for the device, told to `Stalls`. A frame that a thread waits for is
// marked, so that a fault which the kernel reports twice is one wait, and ends with the frame's.

import CoherentWire

extension Core {
  /// An event has come at `now`: whatever it does is done then.
  package mutating func see(_ now: Instant) {
    if now > eventTime { eventTime = now }
  }

  /// A thread waits for a frame of a session from now on.
  mutating func awaitFrame(_ slot: Int, _ index: Int) {
    guard !sessions[slot].arena.frames[index].flags.contains(.isFaulted) else { return }
    sessions[slot].arena.setFlags(index, .isFaulted)
    stalls.began(slot, eventTime)
  }

  /// A frame has come to rest: the threads that wait for it go on, or ask again. If it could not be
  /// brought, they wait until it is tried again; but nothing is tried for what was freed meanwhile.
  mutating func settleFault(_ slot: Int, _ index: Int, isRetried: Bool) {
    if isRetried, !sessions[slot].arena.allocation(ofFrame: index).isDying { return }
    endFault(slot, index)
  }

  private mutating func endFault(_ slot: Int, _ index: Int) {
    sessions[slot].arena.clearFlags(index, .isFaulted)
    stalls.ended(slot, eventTime)
  }

  /// An allocation is freed: who touches it now waits for nothing. Frames that pass end their own.
  mutating func endFaults(_ slot: Int, _ range: Range<Int>) {
    guard stalls.isStalled(slot) else { return }
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if frame.flags.contains(.isFaulted), !frame.isPassing { endFault(slot, index) }
    }
  }

  /// The slot of the session whose stall a request is, if it is any. A discard is its own work.
  private func stalledSlot(_ waiter: Waiter) -> Int? {
    guard case .client(let id, _) = waiter.requester else { return nil }
    switch waiter.wish {
    case .allocate, .pin, .migrate: return sessions.slot(of: id)
    case .evict, .discard: return nil
    }
  }

  mutating func beginWaiting(_ waiter: Waiter) {
    if let slot = stalledSlot(waiter) { stalls.began(slot, eventTime) }
  }

  mutating func endWaiting(_ waiter: Waiter) {
    if let slot = stalledSlot(waiter) { stalls.ended(slot, eventTime) }
  }

  // MARK: questions

  /// How long the device was waited for: by anybody, and by everybody who was not idle.
  package mutating func pressure(_ now: Instant) -> (some: StallStatus, full: StallStatus) {
    stalls.status(now)
  }

  /// Recounts who waits. O(frames + waiters).
  func checkStalls() {
    stalls.checkInvariants()
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      let session = sessions[slot]
      guard !session.isEnding else {
        invariant(stalls.waits(slot) == 0, "who has left waits for nothing")
        continue
      }
      var waits = 0
      for (index, frame) in session.arena.frames.enumerated()
      where frame.flags.contains(.isFaulted) {
        waits += 1
        invariant(
          frame.isPassing
            || (frame.isAllocated && !session.arena.allocation(ofFrame: index).isDying
              && !frame.isResident),
          "a thread waits for what is on its way, or could not be brought yet")
      }
      waits += session.waiters.count { stalledSlot(waiters[slot: waiterSlot($0)]) == slot }
      invariant(waits == stalls.waits(slot), "the waits of a session are counted")
    }
  }
}
