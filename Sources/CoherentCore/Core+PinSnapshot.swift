// All pins of a session, a page at a time: first those that are requests, then those in control
// words. The core does not know what a word says, so that whoever asks looks for it.

import CoherentWire

extension Core {
  /// Where a page of pins begins.
  package enum PinCursor: Equatable, Sendable {
    /// A slot of the session's table of pins.
    case pin(Int)
    /// A slot of its table of allocations, which is that of its word, too.
    case word(Int)
  }

  /// Words that one page looks at, so that no call holds the lock for long.
  private static let wordsPerPage = 4096
  private static let waitersPerPin = 8

  /// At most `limit` pins of a session, and where to go on, nil at the end. `look` says what the
  /// word of a slot says at this moment.
  package func pins(
    of id: SessionID, from cursor: PinCursor, limit: Int, _ now: Instant,
    _ look: (Int) -> FastPins
  ) -> (list: [PinStatus], next: PinCursor?) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return ([], nil) }
    let queue = waitersForPinnedFrames
    switch cursor {
    case .pin(let first):
      let table = sessions[slot].pins
      var list: [PinStatus] = []
      var pin = first
      while pin < table.endSlot, list.count < limit {
        defer { pin += 1 }
        guard table.holds(slot: pin) else { continue }
        list.append(status(slot, table[slot: pin], queue))
      }
      return (list, pin < table.endSlot ? .pin(pin) : .word(0))
    case .word(let first):
      let end = sessions[slot].arena.allocations.endSlot
      let pageEnd = min(end, first + Self.wordsPerPage)
      var list: [PinStatus] = []
      var word = first
      while word < pageEnd, list.count < limit {
        defer { word += 1 }
        guard isLentOut(slot, word) else { continue }
        let pins = look(word)
        if pins.count > 0 { list.append(status(slot, word, pins, now, queue)) }
      }
      return (list, word < end ? .word(word) : nil)
    }
  }

  private func isLentOut(_ slot: Int, _ word: Int) -> Bool {
    let table = sessions[slot].arena.allocations
    return table.holds(slot: word) && table[slot: word].word != .closed
  }

  private func status(_ slot: Int, _ pin: Pin, _ queue: [UInt64]) -> PinStatus {
    let allocation = sessions[slot].arena.allocation(ofFrame: pin.first)
    var status = PinStatus(
      kind: pin.isLongTerm ? .longTerm : .request, session: sessions[slot].id,
      process: sessions[slot].process, handle: HandleID(rawValue: pin.allocation),
      firstFrame: pin.first - Int(allocation.first), frames: pin.count, since: pin.grantedAt,
      until: pin.deadline, renewals: UInt64(pin.renewals))
    addWaiters(slot, pin.range, queue, &status)
    return status
  }

  /// A pin that no look has found before is as young as can be: its lease begins with one.
  private func status(
    _ slot: Int, _ word: Int, _ pins: FastPins, _ now: Instant, _ queue: [UInt64]
  ) -> PinStatus {
    let table = sessions[slot].arena.allocations
    let allocation = table[slot: word]
    let isSeen = allocation.wordIsPinned && allocation.wordEpoch == pins.epoch
    let since = isSeen ? allocation.wordSeenAt : now
    var status = PinStatus(
      kind: .fast, session: sessions[slot].id, process: sessions[slot].process,
      handle: HandleID(rawValue: table.identifier(slot: word)), firstFrame: 0,
      frames: allocation.range.count, count: pins.count, since: since,
      until: since.adding(milliseconds: configuration.defaultLeaseMilliseconds),
      renewals: allocation.renewals(atEpoch: pins.epoch))
    addWaiters(slot, allocation.range, queue, &status)
    return status
  }

  // MARK: waiters

  /// Who waits for frames that only the end of some pin can free, the first to be served first.
  private var waitersForPinnedFrames: [UInt64] {
    guard configuration.oversubscribe else { return [] }
    let coming = region.free + framesOnTheirWay + region.evictable
    return frameQueue.filter { identifier in
      let needed: Int
      switch waiters[slot: waiterSlot(identifier)].wish {
      case .allocate(let frames, _, _): needed = frames
      // What has arrived already is not looked for here: it would be a look at every frame.
      case .migrate(_, let range, _, let already, _): needed = range.count - already
      default: return false
      }
      return needed + configuration.reserveFrames > coming
    }
  }

  private func addWaiters(
    _ slot: Int, _ range: Range<Int>, _ queue: [UInt64], _ status: inout PinStatus
  ) {
    var found = sessions[slot].waiters.filter { isHeldUp($0, slot, range, status.kind) }
    if sessions[slot].arena.frames[range.lowerBound].isPinnedOnDevice || status.kind == .fast {
      let already = found
      found += queue.filter { !already.contains($0) }
    }
    status.waiting = found.count
    status.waiters = found.prefix(Self.waitersPerPin).compactMap(waiterStatus)
  }

  /// Whether a request is about the range of a pin that keeps it where it is not to be.
  private func isHeldUp(
    _ identifier: UInt64, _ slot: Int, _ pinned: Range<Int>, _ kind: PinStatus.Kind
  ) -> Bool {
    guard
      case .migrate(_, let range, let target, _, let isForPin) =
        waiters[slot: waiterSlot(identifier)].wish, !isForPin, range.overlaps(pinned)
    else { return false }
    // A pin's frames are in one place, but for what a full device sent elsewhere: the first tells.
    let common = range.clamped(to: pinned)
    return !isAtGoal(sessions[slot].arena.frames[common.lowerBound], target)
  }

  private func waiterStatus(_ identifier: UInt64) -> WaiterStatus? {
    let waiter = waiters[slot: waiterSlot(identifier)]
    let wish: WaiterStatus.Wish
    let frames: Int
    switch waiter.wish {
    case .allocate(let count, _, _): (wish, frames) = (.allocate, count)
    case .migrate(_, let range, let target, _, _): (wish, frames) = (.migrate(target), range.count)
    default: return nil
    }
    var status = WaiterStatus(
      session: nil, process: 0, wish: wish, frames: frames, since: waiter.since,
      until: waiter.deadline)
    if case .client(let id, _) = waiter.requester, let slot = sessions.slot(of: id) {
      status.session = id
      status.process = sessions[slot].process
    }
    return status
  }
}
