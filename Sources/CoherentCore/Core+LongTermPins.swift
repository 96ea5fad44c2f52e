// Long-term pins: never on the device. The range, and only the range, moves to host memory and is
// pinned there; the pointer stays the same. No path grants one before it has counted the frames of
// the range that are not in host memory, and found none.

import CoherentWire

extension Core {
  mutating func pinLongTerm(
    _ slot: Int, _ requester: Requester, _ range: HandleRange, timeoutMilliseconds: UInt32,
    _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    try checkTimeout(timeoutMilliseconds)
    let frames = try frames(slot, range)
    guard configuration.oversubscribe else {
      throw refusal(.notMigratable, asked: bytes(frames.count))
    }
    guard sessions[slot].pins.count + sessions[slot].waiters.count < sessions[slot].pins.limit
    else {
      throw refusal(
        .overLimit, .tooManyPins, asked: UInt64(sessions[slot].pins.count + 1),
        limit: UInt64(sessions[slot].pins.limit))
    }
    let offending = framesOutsideHost(slot, frames)
    let isAtOnce = offending == 0 && !isBeingDiscarded(slot, frames)
    guard isAtOnce || timeoutMilliseconds > 0 else {
      throw refusal(.timedOut, asked: bytes(offending), available: bytes(region.free))
    }
    let waiter = Waiter(
      requester: requester, session: sessions[slot].id,
      wish: .migrate(
        allocation: range.handle.rawValue, range: frames, target: .host,
        alreadyFrames: frames.count - offending, isForPin: true),
      since: now, deadline: now.adding(milliseconds: timeoutMilliseconds))
    guard !isAtOnce else {
      pinInHost(slot, frames)
      grantLongTermPin(slot, waiter, now, &effects)
      return
    }
    let identifier = try wait(waiter, forFrames: false)
    // The requester's own fast pins do not stand in its way: they end here.
    closeWord(slot, Int(range.handle.rawValue & 0xffff_ffff))
    pinInHost(slot, frames)
    advanceMigration(identifier, now, &effects)
  }

  /// From now on these frames go to host memory only, until their last pin ends.
  private mutating func pinInHost(_ slot: Int, _ frames: Range<Int>) {
    addPins(slot, frames)
    for index in frames { sessions[slot].arena.setFlags(index, .isPinnedInHost) }
  }

  mutating func grantLongTermPin(
    _ slot: Int, _ waiter: Waiter, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard case .migrate(let allocation, let range, _, let already, _) = waiter.wish else { return }
    invariant(
      framesOutsideHost(slot, range) == 0, "a long-term pin is granted on host memory only")
    let pin = sessions[slot].pins.insert(
      Pin(
        allocation: allocation, first: range.lowerBound, count: range.count, grantedAt: now,
        deadline: .never, isLongTerm: true, createdBy: waiter.requester.requestNumber))
    enterPin(slot, Int(pin & 0xffff_ffff))
    answer(
      waiter.requester,
      .pinned(
        PinID(rawValue: pin), leaseMilliseconds: 0, movedFrames: UInt32(range.count - already)),
      &effects)
  }

  /// The frames of a range that a long-term pin must not hold where they are.
  func framesOutsideHost(_ slot: Int, _ range: Range<Int>) -> Int {
    range.count { sessions[slot].arena.frames[$0].place != .host }
  }

  /// Nil if no long-term pin covers any of the frames, or waits for it.
  mutating func refusalOfLongTerm(_ slot: Int, _ frames: Range<Int>) -> Refusal? {
    let kept = frames.count { sessions[slot].arena.frames[$0].flags.contains(.isPinnedInHost) }
    guard kept > 0 else { return nil }
    let pins = sessions[slot].pins
    let isHeld = (0..<pins.endSlot).contains { pinSlot in
      guard pins.holds(slot: pinSlot) else { return false }
      return pins[slot: pinSlot].isLongTerm && pins[slot: pinSlot].range.overlaps(frames)
    }
    let isAskedFor = sessions[slot].waiters.contains { identifier in
      guard
        case .migrate(_, let range, _, _, isForPin: true) = waiters[
          slot: waiterSlot(identifier)
        ].wish
      else { return false }
      return range.overlaps(frames)
    }
    guard isHeld || isAskedFor else { return nil }
    return refusalOfPinned(slot, frames: frames.count, pinned: kept)
  }

  /// What is pinned does not move; the refusal says whose pin it is.
  mutating func refusalOfPinned(_ slot: Int, frames: Int, pinned: Int) -> Refusal {
    var refused = refusal(.notMigratable, asked: bytes(frames))
    refused.pinned = bytes(pinned)
    refused.holderProcess = sessions[slot].process
    refused.holderSession = sessions[slot].id.rawValue
    return refused
  }
}
