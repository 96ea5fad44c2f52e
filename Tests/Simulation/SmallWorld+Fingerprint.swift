// What tells one state of a small world from another. Left out is what no decision depends on:
// counters, generations, absolute time, which of several like device frames it is. Ages are cut
// where they no longer matter.

import CoherentWire

@testable import CoherentCore

extension SmallWorld {
  func fingerprint() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(128)
    let ranks = ranks()
    // Which of the two clients is which does not matter.
    let parts = clients.map { fingerprint(of: $0, ranks) }
    let areSwapped = sizes[0] == sizes[1] && parts[1].lexicographicallyPrecedes(parts[0])
    bytes += areSwapped ? parts[1] + parts[0] : parts[0] + parts[1]
    bytes += [250, core.isUnderPressure ? 1 : 0, hasOrder ? 1 : 0]
    for slot in 0..<core.waiters.endSlot where core.waiters.holds(slot: slot) {
      let waiter = core.waiters[slot: slot]
      if waiter.session == nil { append(waiter, &bytes) }
    }
    bytes += [core.framesAreShort ? 1 : 0, core.isSweeping ? offset(sweepAt) : 255, 251]
    for work in carving { bytes += [small(work.first), small(work.count), work.fills ? 1 : 0] }
    appendFreeFrames(&bytes)
    return bytes
  }

  private func fingerprint(of client: Client, _ ranks: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    append(client, &bytes)
    guard let id = client.id, let slot = core.sessions.slot(of: id) else { return bytes }
    append(core.sessions[slot], ranks, &bytes)
    appendWords(id, core.sessions[slot], client, &bytes)
    for identifier in core.sessions[slot].waiters {
      append(core.waiters[slot: core.waiterSlot(identifier)], &bytes)
      bytes.append(small(core.frameQueue.firstIndex(of: identifier) ?? -1))
    }
    bytes.append(core.promotionSlot == slot ? small(core.promotionCursor) : 0)
    return bytes
  }

  /// What the words say and what the core saw of them; ages to where a lease or idleness is over.
  private func appendWords(
    _ id: SessionID, _ session: Session, _ client: Client, _ bytes: inout [UInt8]
  ) {
    bytes += [client.token == nil ? 0 : 1, client.mustRelease ? 1 : 0]
    for slot in 0..<session.arena.allocations.endSlot
    where session.arena.allocations.holds(slot: slot) {
      let allocation = session.arena.allocations[slot: slot]
      guard allocation.word != .closed else { continue }
      let word = board[id, slot]
      bytes += [UInt8(allocation.first), UInt8(truncatingIfNeeded: word.rawValue)]
      bytes += [UInt8(truncatingIfNeeded: word.rawValue >> 16) & 7]
      bytes += [allocation.word.rawValue, allocation.wordIsPinned ? 1 : 0]
      bytes.append(allocation.wordEpoch == word.epoch ? 1 : 0)
      let age = (now.nanoseconds - allocation.wordSeenAt.nanoseconds) / 25_000_000
      bytes.append(UInt8(min(age, allocation.wordIsPinned ? 2 : 40)))
      if allocation.word == .closing { bytes.append(offset(allocation.wordDeadline)) }
      bytes.append(order(of: allocation.wordOpening))
    }
    if client.token != nil {
      let age = (now.nanoseconds - client.pinnedSince.nanoseconds) / 25_000_000
      bytes.append(UInt8(min(age, 2)))
    }
  }

  /// How many of the words that are open were lent out before.
  private func order(of opening: UInt64) -> UInt8 {
    var list = core.openWords
    var before: UInt8 = 0
    while let entry = list.popFirst(), entry.opening != opening {
      if Core.openSlot(entry, core.sessions) != nil { before += 1 }
    }
    return before
  }

  private var sweepAt: Instant {
    var queue = core.deadlines
    while let due = queue.popDue(.never) { if case .sweep = due.subject { return due.instant } }
    return .never
  }

  private func small(_ number: Int) -> UInt8 { UInt8(clamping: number + 1) }

  private func offset(_ instant: Instant) -> UInt8 {
    instant <= now
      ? 0 : UInt8(clamping: (instant.nanoseconds - now.nanoseconds) / 5_000_000)
  }

  /// The place of each device frame in the eviction order, coldest first.
  private func ranks() -> [UInt8] {
    var region = core.region
    var ranks = [UInt8](repeating: 255, count: region.online)
    var rank: UInt8 = 0
    while let victim = region.victim() {
      ranks[victim] = rank
      rank += 1
      region.makeUnevictable(victim)
    }
    return ranks
  }

  private func append(_ client: Client, _ bytes: inout [UInt8]) {
    bytes += [252, client.id == nil ? 0 : 1, client.isEnding ? 1 : 0, client.hasCancelled ? 1 : 0]
    bytes += [client.asked == nil ? 0 : 1, small(client.handles.count), small(client.pins.count)]
    for job in client.jobs {
      let kind: UInt8 =
        switch job.kind {
        case .evict(let copies): copies ? 0 : 1
        case .restore(let source): source == .zero ? 2 : 3
        case .discard: 4
        case .release: 5
        }
      bytes += [kind, small(job.first), small(job.count), job.waiter == nil ? 0 : 1]
    }
    bytes.append(253)
    if let fill = client.fill {
      bytes += [small(fill.first), small(fill.count), fill.writeProtected ? 1 : 0]
      bytes.append(fill.source.rawValue)
    }
    for range in [client.stale, client.releasing] {
      bytes += [small(range?.lowerBound ?? -1), small(range?.count ?? -1)]
    }
  }

  private func append(_ session: Session, _ ranks: [UInt8], _ bytes: inout [UInt8]) {
    let arena = session.arena
    bytes += [small(session.releaseCursor), session.pausedUntil.map { offset($0) } ?? 255]
    if core.configuration.runFrames > 1 {
      bytes += [small(session.nextSequentialFrame), small(session.sequentialFrames)]
    }
    for frame in arena.frames {
      guard frame.isAllocated else {
        bytes.append(249)
        continue
      }
      // Whether a thread waits for it is only counted.
      let flags = frame.flags.subtracting(.isFaulted)
      bytes += [frame.place.rawValue, flags.rawValue, small(Int(frame.pins))]
      // When it was evicted matters until it is back on the device, or gone.
      let isDying = arena.allocations[slot: Int(frame.allocation)].isDying
      if !frame.isResident, frame.place != .untouched, !isDying {
        let distance = core.region.evictionClock &- frame.evictedStamp
        bytes.append(
          frame.evictedStamp == 0 ? 255 : UInt8(min(distance, UInt32(core.region.online))))
      }
      guard frame.deviceFrame != Frame.none else { continue }
      let device = core.region[Int(frame.deviceFrame)]
      let age = core.region.evictionClock &- device.stamp
      bytes += [device.state.rawValue, device.isProtected ? 1 : 0]
      if core.configuration.runFrames > 1 { bytes.append(UInt8(min(age, 3))) }
      bytes += [ranks[Int(frame.deviceFrame)], device.isFilled ? 1 : 0]
      bytes.append(device.isQueuedForCarving ? 1 : 0)
    }
    bytes.append(254)
    // In the order of their addresses: which slot one has does not matter.
    var first = 0
    while first < arena.frames.count {
      guard arena.frames[first].isAllocated else {
        first += 1
        continue
      }
      let allocation = arena.allocation(ofFrame: first)
      first = allocation.range.upperBound
      bytes += [UInt8(allocation.first), UInt8(allocation.count)]
      bytes += [allocation.isDying ? 1 : 0, UInt8(allocation.pendingReleases)]
    }
    for slot in 0..<session.pins.endSlot where session.pins.holds(slot: slot) {
      let pin = session.pins[slot: slot]
      bytes += [248, UInt8(pin.first), UInt8(pin.count), offset(pin.deadline)]
    }
  }

  private func append(_ waiter: Waiter, _ bytes: inout [UInt8]) {
    bytes.append(offset(waiter.deadline))
    switch waiter.wish {
    case .allocate(let frames, _, _): bytes += [1, small(frames)]
    case .pin(_, let range, _, let isBehind):
      bytes += [2, small(range.lowerBound), small(range.count), isBehind ? 1 : 0]
    case .migrate(_, let range, let target, let already, let isForPin):
      bytes += [3, small(range.lowerBound), small(range.count), target.rawValue, small(already)]
      bytes.append(isForPin ? 1 : 0)
    case .evict(let eviction):
      bytes += [4, small(eviction.startedFrames), small(eviction.jobsInFlight)]
    case .discard(let discard):
      bytes += [5, small(discard.jobsInFlight), small(discard.range.count)]
      bytes.append(discard.isPutOff ? 1 : 0)
    }
  }

  private func appendFreeFrames(_ bytes: inout [UInt8]) {
    var kinds = [UInt8](repeating: 0, count: 4)
    for index in 0..<core.region.online where core.region[index].state == .free {
      let frame = core.region[index]
      kinds[(frame.isFilled ? 2 : 0) + (frame.isQueuedForCarving ? 1 : 0)] += 1
    }
    bytes += kinds
  }
}
