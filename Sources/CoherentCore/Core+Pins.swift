// Pins: leases during which a range is resident and does not move. A pin covers its frames from
// the moment it is asked for, so that what is brought back for it is not evicted again; the lease
// begins when all of them are there.

import CoherentWire

extension Core {
  mutating func pin(
    _ slot: Int, _ requester: Requester, _ range: HandleRange, leaseMilliseconds: UInt32,
    timeoutMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    try checkTimeout(timeoutMilliseconds)
    guard leaseMilliseconds <= configuration.maximumLeaseMilliseconds else {
      throw refusal(
        .leaseTooLong, asked: UInt64(leaseMilliseconds),
        limit: UInt64(configuration.maximumLeaseMilliseconds))
    }
    let frames = try frames(slot, range)
    let waitingPins = sessions[slot].waiters.count
    guard sessions[slot].pins.count + waitingPins < sessions[slot].pins.limit else {
      throw refusal(
        .overLimit, .tooManyPins, asked: UInt64(sessions[slot].pins.count + 1),
        limit: UInt64(sessions[slot].pins.limit))
    }
    let lease =
      leaseMilliseconds == 0 ? configuration.defaultLeaseMilliseconds : leaseMilliseconds
    var obstacle: Int?
    if standsBehind(slot, frames, &obstacle) {
      try waitBehind(
        slot, requester, range.handle.rawValue, frames, lease,
        timeoutMilliseconds: timeoutMilliseconds, obstacle: obstacle, now)
      return
    }
    if isResident(slot, frames) {
      addPins(slot, frames)
      grantPin(slot, requester, range.handle.rawValue, frames, lease, now, &effects)
      return
    }
    guard timeoutMilliseconds > 0 else {
      throw refusal(.timedOut, asked: bytes(frames.count), available: bytes(region.free))
    }
    let waiter = try wait(
      Waiter(
        requester: requester, session: sessions[slot].id,
        wish: .pin(
          allocation: range.handle.rawValue, range: frames, leaseMilliseconds: lease,
          isBehind: false),
        since: now, deadline: now.adding(milliseconds: timeoutMilliseconds)), forFrames: false)
    addPins(slot, frames)
    advance(waiter, now, &effects)
    balance(now, &effects)
  }

  /// Mutating only so that the core is not copied for it.
  private mutating func isResident(_ slot: Int, _ frames: Range<Int>) -> Bool {
    for index in frames where !sessions[slot].arena.frames[index].isResident { return false }
    return true
  }

  /// Brings back what a waiting pin still lacks; grants it when nothing lacks.
  mutating func advancePin(
    _ identifier: UInt64, _ slot: Int, _ range: Range<Int>, _ now: Instant,
    _ effects: inout [Effect]
  ) {
    var missing = 0
    var run = RestoreRun(
      session: sessions[slot].id, limit: configuration.runFrames,
      origin: origin(.pin, by: sessions[slot].id))
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if frame.isResident { continue }
      missing += 1
      sessions[slot].arena.setFlags(index, .isAwaited)
      if frame.isPassing || sessions[slot].isPaused { continue }
      // What others wait for on the device is not taken before them only to be pinned.
      let toDevice = !frame.staysInHost && frameQueue.isEmpty
      run.add(index, beginRestore(slot, index, toDevice: toDevice), &effects)
    }
    run.finish(&effects)
    guard missing == 0,
      case .pin(let allocation, _, let lease, _) = waiters[slot: waiterSlot(identifier)].wish
    else { return }
    let waiter = endWaiter(identifier)
    grantPin(slot, waiter.requester, allocation, range, lease, now, &effects)
  }

  private mutating func grantPin(
    _ slot: Int, _ requester: Requester, _ allocation: UInt64, _ frames: Range<Int>,
    _ leaseMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) {
    let deadline = now.adding(milliseconds: leaseMilliseconds)
    let renewals = sessions[slot].arena.allocations[slot: Int(allocation & 0xffff_ffff)].trail
      .extend(
        by: frames, now,
        until: deadline.adding(milliseconds: configuration.defaultLeaseMilliseconds))
    let pin = sessions[slot].pins.insert(
      Pin(
        allocation: allocation, first: frames.lowerBound, count: frames.count, grantedAt: now,
        deadline: deadline, createdBy: requester.requestNumber, renewals: renewals))
    enterPin(slot, Int(pin & 0xffff_ffff))
    insertDeadline(.pin(session: sessions[slot].id.rawValue, pin: pin), at: deadline)
    answer(
      requester,
      .pinned(PinID(rawValue: pin), leaseMilliseconds: leaseMilliseconds, movedFrames: 0), &effects)
    if frames == sessions[slot].arena.allocation(ofFrame: frames.lowerBound).range {
      openWord(slot, allocation, now)
    }
  }

  /// Notes a pin that was just granted; its slot forgets how its last holder ended.
  mutating func enterPin(_ slot: Int, _ pinSlot: Int) {
    if sessions[slot].expiredPinSlots.remove(pinSlot) != nil {
      sessions[slot].pins[slot: pinSlot].followsExpired = true
    }
    notePin(slot, pinSlot, .live)
  }

  mutating func unpin(
    _ slot: Int, _ pin: PinID, _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    guard let found = sessions[slot].pins.slot(of: pin.rawValue) else {
      let pinSlot = Int(pin.rawValue & 0xffff_ffff)
      if sessions[slot].pins.wasLastOfItsSlot(pin.rawValue),
        sessions[slot].expiredPinSlots.contains(pinSlot)
      {
        sessions[slot].expiredPinSlots.remove(pinSlot)
        throw refusal(.leaseExpired, asked: pin.rawValue)
      }
      throw refusal(.invalidRange, .unknownPin, asked: pin.rawValue)
    }
    let ended = sessions[slot].pins[slot: found]
    notePin(slot, found, ended.deadline < now ? .expired : .gone)
    sessions[slot].pins.remove(pin.rawValue)
    removePins(slot, ended.range)
    if ended.deadline < now {
      // Its deadline has passed, only nobody looked yet.
      counters.expiredLeases += 1
      noteRevoked(slot, ended.allocation, frames: ended.count, pins: 1)
      pinsEnded(slot, now, &effects)
      throw refusal(.leaseExpired, asked: pin.rawValue)
    }
    pinsEnded(slot, now, &effects)
  }

  /// Ends a lease that has run out, unless it had ended before.
  mutating func expirePin(
    _ id: SessionID, _ pin: UInt64, _ deadline: Instant, _ now: Instant,
    _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id), let found = sessions[slot].pins.slot(of: pin),
      sessions[slot].pins[slot: found].deadline == deadline
    else { return }
    let ended = sessions[slot].pins[slot: found]
    notePin(slot, found, .expired)
    sessions[slot].pins.remove(pin)
    sessions[slot].expiredPinSlots.insert(found)
    removePins(slot, ended.range)
    counters.expiredLeases += 1
    noteRevoked(slot, ended.allocation, frames: ended.count, pins: 1)
    effects.append(
      .notify(
        id, .leaseRevoked(HandleID(rawValue: ended.allocation), PinID(rawValue: pin), pins: 1)))
    pinsEnded(slot, now, &effects)
  }

  /// Whoever waited for a pin of this session to end looks again.
  mutating func pinsEnded(_ slot: Int, _ now: Instant, _ effects: inout [Effect]) {
    advanceMigrations(slot, now, &effects)
    serveFrameQueue(now, &effects)
  }

  mutating func advanceMigrations(_ slot: Int, _ now: Instant, _ effects: inout [Effect]) {
    for identifier in sessions[slot].waiters {
      guard let waiter = waiters.slot(of: identifier) else { continue }
      if case .migrate = waiters[slot: waiter].wish { advance(identifier, now, &effects) }
    }
  }

  // MARK: counts

  mutating func addPins(_ slot: Int, _ range: Range<Int>) {
    for index in range {
      let pins = sessions[slot].arena.frames[index].pins
      invariant(pins < .max, "a frame never has more pins than its session may hold")
      sessions[slot].arena.setPins(index, pins + 1)
      makeUnevictable(slot, index)
    }
  }

  mutating func removePins(_ slot: Int, _ range: Range<Int>) {
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      invariant(frame.pins > 0, "a pin is taken off once")
      sessions[slot].arena.setPins(index, frame.pins - 1)
      if frame.pins == 1 { sessions[slot].arena.clearFlags(index, .isPinnedInHost) }
      let allocation = sessions[slot].arena.allocation(ofFrame: index)
      if frame.pins == 1, !allocation.isDying, frame.place == .device || frame.place == .untouched {
        makeEvictable(slot, index, allocation.priority, isProtected: false)
      }
    }
  }

  mutating func endPins(_ slot: Int, ofAllocation allocation: UInt64) {
    for pinSlot in 0..<sessions[slot].pins.endSlot where sessions[slot].pins.holds(slot: pinSlot) {
      let pin = sessions[slot].pins[slot: pinSlot]
      guard pin.allocation == allocation else { continue }
      notePin(slot, pinSlot, .gone)
      sessions[slot].pins.remove(sessions[slot].pins.identifier(slot: pinSlot))
      removePins(slot, pin.range)
    }
  }
}
