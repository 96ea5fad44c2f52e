// Requests that a client sends again, because the daemon that it asked has died: it cannot know
// whether that one had done them. What has an effect that must not come twice is answered from what
// was noted with the request's number; everything else may be done again.

import CoherentWire

extension Core {
  enum Repeat {
    case answered(Reply)
    /// It waits already: its answer will come.
    case waits
    case isNew
  }

  func repeated(
    _ slot: Int, _ request: Request, _ number: RequestID, _ now: Instant
  ) -> Repeat {
    let requester = Requester.client(sessions[slot].id, number)
    let waits = sessions[slot].waiters.contains { identifier in
      waiters[slot: waiterSlot(identifier)].requester == requester
    }
    if waits { return .waits }
    let reply: Reply? =
      switch request {
      case .allocate: allocated(slot, number.rawValue)
      case .free(let handle): wasFreed(slot, handle) ? .freed : nil
      case .pin: pinned(slot, number.rawValue, now)
      case .unpin(let pin): wasUnpinned(slot, pin) ? .unpinned : nil
      default: nil
      }
    return reply.map { .answered($0) } ?? .isNew
  }

  private func allocated(_ slot: Int, _ number: UInt64) -> Reply? {
    let allocations = sessions[slot].arena.allocations
    for index in 0..<allocations.endSlot where allocations.holds(slot: index) {
      let allocation = allocations[slot: index]
      guard allocation.createdBy == number, !allocation.isDying else { continue }
      return .allocated(
        HandleID(rawValue: allocations.identifier(slot: index)),
        offsetBytes: bytes(allocation.range.lowerBound), sizeBytes: bytes(allocation.range.count),
        resetsRange: sessions[slot].wasPoisoned)
    }
    return nil
  }

  private func wasFreed(_ slot: Int, _ handle: HandleID) -> Bool {
    let allocations = sessions[slot].arena.allocations
    guard let held = allocations.slot(of: handle.rawValue) else {
      return allocations.wasLastOfItsSlot(handle.rawValue)
    }
    return allocations[slot: held].isDying
  }

  /// What is left of the lease counts, since that is what the holder may go by.
  private func pinned(_ slot: Int, _ number: UInt64, _ now: Instant) -> Reply? {
    let pins = sessions[slot].pins
    for index in 0..<pins.endSlot where pins.holds(slot: index) {
      let pin = pins[slot: index]
      guard pin.createdBy == number else { continue }
      let left = pin.deadline > now ? pin.deadline.nanoseconds - now.nanoseconds : 0
      let lease = pin.isLongTerm ? 0 : UInt32(clamping: left / 1_000_000)
      return .pinned(
        PinID(rawValue: pins.identifier(slot: index)), leaseMilliseconds: lease,
        movedFrames: pin.isLongTerm ? UInt32(pin.count) : 0)
    }
    return nil
  }

  private func wasUnpinned(_ slot: Int, _ pin: PinID) -> Bool {
    let pins = sessions[slot].pins
    let pinSlot = Int(pin.rawValue & 0xffff_ffff)
    guard pins.slot(of: pin.rawValue) == nil, pins.wasLastOfItsSlot(pin.rawValue) else {
      return false
    }
    if pins.holds(slot: pinSlot) { return !pins[slot: pinSlot].followsExpired }
    return !sessions[slot].expiredPinSlots.contains(pinSlot)
  }
}
