// The end of a session, however it came: everything it held is given back, in steps, each of which
// frees what it frees at once. What the client was doing meanwhile no longer matters.

import CoherentWire

extension Core {
  /// The connection is over. Its requests, pins and jobs end here; its pager is told to release
  /// the memory by `releaseNext` and `released`.
  package mutating func disconnect(_ id: SessionID, _ now: Instant, _ effects: inout [Effect]) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return }
    see(now)
    for identifier in sessions[slot].waiters {
      let waiter = endWaiter(identifier)
      if let range = waiter.pinnedRange { removePins(slot, range) }
      guard case .administrator(let token) = waiter.requester else { continue }
      if case .evict(let eviction) = waiter.wish {
        finishEviction(waiter, eviction, &effects)
      } else {
        let refused = refusal(.invalidRange, .unknownHandle)
        effects.append(.administrated(token, .refused(refused)))
      }
    }
    for pinSlot in 0..<sessions[slot].pins.endSlot where sessions[slot].pins.holds(slot: pinSlot) {
      let range = sessions[slot].pins[slot: pinSlot].range
      sessions[slot].pins.remove(sessions[slot].pins.identifier(slot: pinSlot))
      removePins(slot, range)
    }
    lentWords -= sessions[slot].lentWords
    closingWords -= sessions[slot].closingWords
    sessions[slot].isEnding = true
    stalls.closed(slot, now)
    noteSession(slot, .ended)
    effects.append(.end(id))
    serveFrameQueue(now, &effects)
  }

  /// The next range of an ending session's arena to punch, out of the arena and the host store,
  /// at most `limit` frames; nil when nothing is left. Reservations are free at once.
  package mutating func releaseNext(_ id: SessionID, limit: Int) -> Range<Int>? {
    guard let slot = sessions.slot(of: id) else { return nil }
    invariant(sessions[slot].isEnding, "only an ending session is released")
    var range: Range<Int>?
    while sessions[slot].releaseCursor < sessions[slot].arena.frames.count {
      let index = sessions[slot].releaseCursor
      if let range, index - range.lowerBound >= limit { break }
      sessions[slot].releaseCursor += 1
      let frame = sessions[slot].arena.frames[index]
      guard frame.isAllocated else { continue }
      if frame.place == .untouched {
        giveBack(slot, index)
        continue
      }
      if frame.deviceFrame != Frame.none, region[Int(frame.deviceFrame)].state != .releasing {
        region.change(Int(frame.deviceFrame), to: .releasing)
      }
      guard
        frame.deviceFrame != Frame.none || frame.place != .stored
          || frame.flags.contains(.hasCopy)
      else { continue }
      range = (range?.lowerBound ?? index)..<index + 1
    }
    return range
  }

  /// Frees reservations of an ending session, of at most `limit` frames of its arena: nothing has
  /// to be punched for them. False when it has seen all.
  package mutating func releaseReservations(
    _ id: SessionID, limit: Int, _ now: Instant, _ effects: inout [Effect]
  ) -> Bool {
    guard let slot = sessions.slot(of: id) else { return false }
    invariant(sessions[slot].isEnding, "only an ending session is released")
    see(now)
    let first = sessions[slot].reservationCursor
    let end = min(first + limit, sessions[slot].arena.frames.count)
    for index in first..<end {
      let frame = sessions[slot].arena.frames[index]
      if frame.isAllocated, frame.place == .untouched { giveBack(slot, index) }
    }
    sessions[slot].reservationCursor = end
    serveFrameQueue(now, &effects)
    if region.hasCarvingWork { effects.append(.carve) }
    return end < sessions[slot].arena.frames.count
  }

  /// A range that `releaseNext` gave is punched: its device memory is free.
  package mutating func released(
    _ id: SessionID, _ range: Range<Int>, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id) else { return }
    see(now)
    for index in range where sessions[slot].arena.frames[index].isAllocated {
      giveBack(slot, index)
    }
    sessions[slot].strandedFrames = max(sessions[slot].strandedFrames - range.count, 0)
    serveFrameQueue(now, &effects)
    if region.hasCarvingWork { effects.append(.carve) }
  }

  /// All of an ending session's memory is released: it is forgotten.
  package mutating func ended(_ id: SessionID, _ now: Instant, _ effects: inout [Effect]) {
    guard let slot = sessions.slot(of: id) else { return }
    see(now)
    invariant(sessions[slot].isEnding, "a session is ended before it is forgotten")
    let arena = sessions[slot].arena
    dyingAllocations -= sessions[slot].dyingAllocations
    dyingFrames -= sessions[slot].dyingFrames
    let user = sessions[slot].user
    if configuration.oversubscribe {
      users.giveBack(arena.space.takenFrames, .hostFrames, of: user)
    }
    users.giveBack(arena.allocations.count, .allocations, of: user)
    users.giveBack(1, .sessions, of: user)
    heldUpSessions.removeAll { $0 == id }
    sessions.remove(id)
    stalls.forget(slot)
    serveFrameQueue(now, &effects)
    if region.hasCarvingWork { effects.append(.carve) }
  }
}
