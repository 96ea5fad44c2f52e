// What the core notes of what it does: one line where it is done. Of frames that move it is noted
// when they have moved, so that what the history counts is what the counters count.

import CoherentWire

extension Core {
  // MARK: why

  func origin(_ cause: Cause, by id: SessionID?) -> Origin {
    guard let id, let slot = sessions.slot(of: id) else { return Origin(cause) }
    return Origin(cause, session: id, process: sessions[slot].process)
  }

  /// Why frames are moved for a request that waits.
  func origin(of waiter: Waiter) -> Origin {
    guard case .client(let id, _) = waiter.requester else { return Origin(.administrator) }
    switch waiter.wish {
    case .allocate: return origin(.allocation, by: id)
    case .pin: return origin(.pin, by: id)
    case .migrate(_, _, _, _, let isForPin):
      return origin(isForPin ? .longTermPin : .migration, by: id)
    case .evict, .discard: return origin(.unknown, by: id)
    }
  }

  /// Evictions between the watermarks are due to whoever took frames last while there were too few.
  mutating func blameForPressure() {
    if region.free < configuration.lowFrames, pressureOrigin.session != lastTaker {
      pressureOrigin = origin(.pressure, by: lastTaker)
    }
    because = pressureOrigin
  }

  // MARK: frames

  /// A job is done.
  mutating func noteMoved(_ slot: Int, _ job: Job) {
    switch job.kind {
    case .evict: noteMoved(.evicted, slot, job.first..<job.end, job.origin)
    case .restore(.store): noteMoved(.restored, slot, job.first..<job.end, job.origin)
    case .restore(.zero), .discard, .release: break
    }
  }

  /// A fault is answered. What was never written comes from nowhere: that is no restore.
  mutating func noteFilled(_ slot: Int, _ order: FillOrder) {
    guard order.source == .store else { return }
    noteMoved(
      .restored, slot, order.first..<order.end, Origin(isStopping ? .stopping : .access))
  }

  /// Frames of one session, of which each allocation has an entry of its own.
  mutating func noteMoved(
    _ kind: HistoryEntry.Kind, _ slot: Int, _ range: Range<Int>, _ origin: Origin
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      let allocation = sessions[slot].arena.frames[first].allocation
      var end = first + 1
      while end < range.upperBound, sessions[slot].arena.frames[end].allocation == allocation {
        end += 1
      }
      var entry = entry(kind, slot, origin)
      entry.allocation = handle(slot, Int(allocation))
      entry.bytes = bytes(end - first)
      entry.allocationBytes = bytes(
        sessions[slot].arena.allocations[slot: Int(allocation)].range.count)
      entry.firstStamp = region.evictionClock
      entry.lastStamp = region.evictionClock
      history.note(entry)
      first = end
    }
  }

  private func entry(_ kind: HistoryEntry.Kind, _ slot: Int, _ origin: Origin) -> HistoryEntry {
    var entry = HistoryEntry(kind, origin, at: eventTime)
    entry.session = sessions[slot].id
    entry.process = sessions[slot].process
    return entry
  }

  private func handle(_ slot: Int, _ allocation: Int) -> HandleID {
    HandleID(rawValue: sessions[slot].arena.allocations.identifier(slot: allocation))
  }

  // MARK: pins and refusals

  /// Pins of an allocation ended with their lease. Who waits for frames that nothing else could
  /// free is who it was done for.
  mutating func noteRevoked(_ slot: Int, _ allocation: UInt64, frames: Int, pins: Int) {
    var origin = Origin(.lease)
    if framesAreShort, let first = frameQueue.first {
      origin = self.origin(of: waiters[slot: waiterSlot(first)])
      origin.cause = .lease
    }
    var entry = entry(.revoked, slot, origin)
    entry.allocation = HandleID(rawValue: allocation)
    entry.bytes = bytes(frames)
    entry.count = UInt32(clamping: pins)
    history.note(entry)
  }

  /// A request of a session was refused; of a newcomer there is none.
  mutating func noteRefused(_ refusal: Refusal, of slot: Int?, process: UInt32 = 0) {
    var origin = Origin(Cause(refusal.reason))
    if refusal.holderSession != 0 {
      origin = Origin(
        origin.cause, session: SessionID(rawValue: refusal.holderSession),
        process: refusal.holderProcess)
    }
    var entry = HistoryEntry(.refused, origin, at: eventTime)
    entry.process = process
    if let slot {
      entry.session = sessions[slot].id
      entry.process = sessions[slot].process
    }
    switch refusal.reason {
    case .outOfDeviceMemory, .outOfHostMemory, .timedOut, .notMigratable:
      entry.bytes = min(refusal.asked, HistoryEntry.mostBytes)
    default: break
    }
    history.note(entry)
  }

  // MARK: sessions and the device

  /// A block is in another state: by an order, or because its time to leave was over.
  mutating func noteBlockState(_ block: Int) {
    let found = region.blocks[block]
    let isLate = found.state == .online && found.lastFailure == .timedOut
    var entry = HistoryEntry(.block, Origin(isLate ? .timedOut : .administrator), at: eventTime)
    entry.block = block
    entry.state = found.state
    entry.bytes = bytes(region.blockFrames)
    history.note(entry)
  }

  mutating func noteSession(_ slot: Int, _ cause: Cause) {
    history.note(entry(.session, slot, Origin(cause)))
  }

  /// Free frames fell below the low watermark, or are above the high one again.
  mutating func notePressure(_ began: Bool) {
    let origin = began ? origin(.began, by: lastTaker) : Origin(.ended)
    var entry = HistoryEntry(.pressure, origin, at: eventTime)
    entry.bytes = bytes(region.free)
    history.note(entry)
  }

  // MARK: questions

  /// At most `limit` things that were done after a number, oldest first, and how many of those that
  /// came between are forgotten. `last` is the number of the newest.
  package mutating func history(
    after number: UInt64, limit: Int
  ) -> (entries: [HistoryEntry], dropped: UInt64, last: UInt64) {
    let (entries, dropped) = history.read(after: number, limit: limit)
    return (entries, dropped, history.last)
  }

  /// How many things were done. It grows with every entry that a reader has not seen.
  package var historyNumber: UInt64 { history.last }
}

extension Cause {
  fileprivate init(_ reason: Refusal.Reason) {
    switch reason {
    case .outOfDeviceMemory: self = .deviceFull
    case .outOfHostMemory: self = .hostFull
    case .overLimit: self = .limit
    case .leaseExpired, .leaseTooLong: self = .lease
    case .notPermitted: self = .notPermitted
    case .notMigratable: self = .notMigratable
    case .timedOut: self = .timedOut
    case .regionGoingOffline: self = .stopping
    case .invalidRange, .protocolViolation, .notConnected: self = .invalidRequest
    }
  }
}
