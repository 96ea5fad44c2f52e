// Pins that stand behind. A pin of what is resident is granted at once, unless somebody waits for
// the pins that are there: then it waits until they have ended, so that pins in a row never starve
// an eviction. It ends like every wait: by its turn, by its deadline, or with its session.

import CoherentWire

extension Core {
  /// Whether a new pin of these frames would prolong the wait of somebody who was there before.
  func standsBehind(_ slot: Int, _ range: Range<Int>) -> Bool {
    guard configuration.oversubscribe else { return false }
    if sessions[slot].arena.allocation(ofFrame: range.lowerBound).word == .closing { return true }
    if region.leavingBlocks > 0, range.contains(where: { isLeaving(slot, $0) }) { return true }
    let isShort = framesAreShort && region.evictable == 0
    if isShort,
      range.contains(where: {
        let frame = sessions[slot].arena.frames[$0]
        return frame.place == .device && frame.pins > 0
      })
    {
      return true
    }
    return sessions[slot].waiters.contains { identifier in
      guard
        case .migrate(_, let moving, let target, _, isForPin: false) = waiters[
          slot: waiterSlot(identifier)
        ].wish, moving.overlaps(range)
      else { return false }
      return range.clamped(to: moving).contains {
        let frame = sessions[slot].arena.frames[$0]
        return frame.pins > 0 && !isAtGoal(frame, target)
      }
    }
  }

  /// Whether a frame's memory lies in a block that goes offline.
  private func isLeaving(_ slot: Int, _ index: Int) -> Bool {
    let frame = sessions[slot].arena.frames[index]
    return frame.isResident && frame.deviceFrame != Frame.none
      && region.isLeaving(Int(frame.deviceFrame))
  }

  mutating func waitBehind(
    _ slot: Int, _ requester: Requester, _ allocation: UInt64, _ frames: Range<Int>,
    _ leaseMilliseconds: UInt32, timeoutMilliseconds: UInt32, _ now: Instant
  ) throws(Refusal) {
    guard timeoutMilliseconds > 0 else {
      throw refusal(.timedOut, asked: bytes(frames.count), available: bytes(region.free))
    }
    try wait(
      Waiter(
        requester: requester, session: sessions[slot].id,
        wish: .pin(
          allocation: allocation, range: frames, leaseMilliseconds: leaseMilliseconds,
          isBehind: true),
        since: now, deadline: now.adding(milliseconds: timeoutMilliseconds)), forFrames: false)
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
    guard !standsBehind(slot, range),
      case .pin(let allocation, _, let lease, _) = waiters[slot: waiterSlot(identifier)].wish
    else { return false }
    waiters[slot: waiterSlot(identifier)].wish = .pin(
      allocation: allocation, range: range, leaseMilliseconds: lease, isBehind: false)
    pinsBehind -= 1
    addPins(slot, range)
    return true
  }
}
