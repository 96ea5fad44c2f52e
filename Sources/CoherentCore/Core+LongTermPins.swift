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
    guard offending == 0 || timeoutMilliseconds > 0 else {
      throw refusal(.timedOut, asked: bytes(offending), available: bytes(region.free))
    }
    // The requester's own fast pins do not stand in its way: they end here.
    closeWord(slot, Int(range.handle.rawValue & 0xffff_ffff))
    keepInHost(slot, frames, true)
    let waiter = Waiter(
      requester: requester, session: sessions[slot].id,
      wish: .migrate(
        allocation: range.handle.rawValue, range: frames, target: .host,
        alreadyFrames: frames.count - offending, isForPin: true),
      since: now, deadline: now.adding(milliseconds: timeoutMilliseconds))
    if offending == 0 {
      grantLongTermPin(slot, waiter, now, &effects)
    } else {
      let identifier = try wait(waiter, forFrames: false)
      advanceMigration(identifier, now, &effects)
    }
  }

  mutating func grantLongTermPin(
    _ slot: Int, _ waiter: Waiter, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard case .migrate(let allocation, let range, _, let already, _) = waiter.wish else { return }
    invariant(
      framesOutsideHost(slot, range) == 0, "a long-term pin is granted on host memory only")
    addPins(slot, range)
    let pin = sessions[slot].pins.insert(
      Pin(
        allocation: allocation, first: range.lowerBound, count: range.count, grantedAt: now,
        deadline: .never, isLongTerm: true, createdBy: waiter.requester.requestNumber))
    notePin(slot, Int(pin & 0xffff_ffff), .live)
    sessions[slot].expiredPinSlots.remove(Int(pin & 0xffff_ffff))
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

  /// A long-term pin has ended: the frames that no other one covers may go back to the device.
  mutating func endKeeping(_ slot: Int, _ range: Range<Int>) {
    var stillKept = Set<Int>()
    for pinSlot in 0..<sessions[slot].pins.endSlot where sessions[slot].pins.holds(slot: pinSlot) {
      let pin = sessions[slot].pins[slot: pinSlot]
      guard pin.isLongTerm, pin.range.overlaps(range) else { continue }
      stillKept.formUnion(pin.range.clamped(to: range))
    }
    for index in range where !stillKept.contains(index) {
      keepInHost(slot, index..<index + 1, false)
    }
  }
}
