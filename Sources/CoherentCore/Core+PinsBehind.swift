// Pins that stand behind. A pin of what is resident is granted at once, unless somebody waits for
// the pins that are there: then it waits until they have ended, so that pins in a row never starve
// an eviction. It ends like every wait: by its turn, by its deadline, or with its session.

import CoherentWire

extension Core {
  /// Whether a new pin of these frames would prolong the wait of somebody who was there before.
  /// `obstacle` is a frame that was in the way when this was asked last, and is looked at first, so
  /// that who waits costs little. O(1) while it is; else O(frames of the range).
  /// Mutating only so that the core is not copied for it.
  mutating func standsBehind(
    _ slot: Int, _ range: Range<Int>, _ obstacle: inout Int?
  ) -> Bool {
    if !sessions[slot].waiters.isEmpty, isBeingDiscarded(slot, range) { return true }
    guard configuration.oversubscribe else { return false }
    if sessions[slot].arena.allocation(ofFrame: range.lowerBound).word == .closing { return true }
    let isShort = framesAreShort && region.evictable == 0
    if isShort || region.leavingBlocks > 0 {
      if let known = obstacle, isInTheWay(slot, known, isShort) { return true }
      for index in range where isInTheWay(slot, index, isShort) {
        obstacle = index
        return true
      }
    }
    return !sessions[slot].waiters.isEmpty && standsBehindMigration(slot, range)
  }

  /// Whether a frame's memory lies in a block that goes offline; or, where frames are short, is
  /// pinned.
  private mutating func isInTheWay(_ slot: Int, _ index: Int, _ isShort: Bool) -> Bool {
    let frame = sessions[slot].arena.frames[index]
    if isShort, frame.place == .device, frame.pins > 0 { return true }
    return frame.isResident && frame.deviceFrame != Frame.none
      && region.isLeaving(Int(frame.deviceFrame))
  }

  /// Whether frames of the range are pinned that a waiting request wants to move.
  private func standsBehindMigration(_ slot: Int, _ range: Range<Int>) -> Bool {
    for identifier in sessions[slot].waiters {
      guard
        case .migrate(_, let moving, let target, _, isForPin: false) = waiters[
          slot: waiterSlot(identifier)
        ].wish, moving.overlaps(range)
      else { continue }
      for index in range.clamped(to: moving) {
        let frame = sessions[slot].arena.frames[index]
        if frame.pins > 0, !isAtGoal(frame, target) { return true }
      }
    }
    return false
  }

  mutating func waitBehind(
    _ slot: Int, _ requester: Requester, _ allocation: UInt64, _ frames: Range<Int>,
    _ leaseMilliseconds: UInt32, timeoutMilliseconds: UInt32, obstacle: Int?, _ now: Instant
  ) throws(Refusal) {
    guard timeoutMilliseconds > 0 else {
      throw refusal(.timedOut, asked: bytes(frames.count), available: bytes(region.free))
    }
    var waiter = Waiter(
      requester: requester, session: sessions[slot].id,
      wish: .pin(
        allocation: allocation, range: frames, leaseMilliseconds: leaseMilliseconds,
        isBehind: true),
      since: now, deadline: now.adding(milliseconds: timeoutMilliseconds))
    waiter.obstacle = obstacle
    try wait(waiter, forFrames: false)
    pinsBehind += 1
  }

  /// Every pin that stands behind looks whether it still has to. O(waiters), if there is one.
  mutating func letPinsPass(_ now: Instant, _ effects: inout [Effect]) {
    guard pinsBehind > 0 else { return }
    for slot in 0..<waiters.endSlot where waiters.holds(slot: slot) {
      guard case .pin(_, _, _, isBehind: true) = waiters[slot: slot].wish else { continue }
      advance(waiters.identifier(slot: slot), now, &effects)
    }
  }

  /// Its turn has come: from now on its frames are pinned. False if it has not.
  mutating func letPass(_ identifier: UInt64, _ slot: Int, _ range: Range<Int>) -> Bool {
    let waiter = waiterSlot(identifier)
    var obstacle = waiters[slot: waiter].obstacle
    let stays = standsBehind(slot, range, &obstacle)
    waiters[slot: waiter].obstacle = obstacle
    guard !stays,
      case .pin(let allocation, _, let lease, _) = waiters[slot: waiter].wish
    else { return false }
    waiters[slot: waiter].wish = .pin(
      allocation: allocation, range: range, leaseMilliseconds: lease, isBehind: false)
    pinsBehind -= 1
    addPins(slot, range)
    return true
  }
}
