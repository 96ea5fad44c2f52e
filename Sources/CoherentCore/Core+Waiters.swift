// Requests that wait. Each has a deadline, and each of the few things that it can wait for (free
// frames, the end of a job, the end of a pin) looks at it again when it happens.

import CoherentWire

extension Core {
  /// Enters a waiter, or refuses when too many wait already.
  @discardableResult
  mutating func wait(_ waiter: Waiter, forFrames: Bool) throws(Refusal) -> UInt64 {
    if let user = payer(of: waiter) {
      try checkShare(user, .waiters, 1)
      let waiting = users.total[.waiters]
      guard waiting < configuration.maximumWaiters else {
        throw refusal(
          .overLimit, .tooManyWaiters, asked: UInt64(waiting + 1),
          limit: UInt64(configuration.maximumWaiters))
      }
      users.charge(1, .waiters, to: user)
    }
    let identifier = waiters.insert(waiter)
    if waiter.deadline != .never {
      insertDeadline(.waiter(identifier), at: waiter.deadline)
    }
    if let id = waiter.session, let slot = sessions.slot(of: id) {
      sessions[slot].waiters.append(identifier)
    }
    if forFrames { frameQueue.append(identifier) }
    beginWaiting(waiter)
    return identifier
  }

  func waiterSlot(_ identifier: UInt64) -> Int {
    guard let slot = waiters.slot(of: identifier) else {
      invariant(false, "only a waiter that is there is advanced")
      return 0
    }
    return slot
  }

  @discardableResult
  mutating func endWaiter(_ identifier: UInt64) -> Waiter {
    let waiter = waiters[slot: waiterSlot(identifier)]
    endWaiting(waiter)
    if let user = payer(of: waiter) { users.giveBack(1, .waiters, of: user) }
    waiters.remove(identifier)
    if case .pin(_, _, _, isBehind: true) = waiter.wish { pinsBehind -= 1 }
    frameQueue.removeAll { $0 == identifier }
    if let id = waiter.session, let slot = sessions.slot(of: id) {
      sessions[slot].waiters.removeAll { $0 == identifier }
    }
    return waiter
  }

  // MARK: progress

  /// Looks at a waiter again. It may end by that.
  mutating func advance(_ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]) {
    guard let waiterSlot = waiters.slot(of: identifier) else { return }
    let waiter = waiters[slot: waiterSlot]
    switch waiter.wish {
    case .allocate:
      break  // it waits for frames only: serveFrameQueue
    case .discard:
      advanceDiscard(identifier, now, &effects)
    case .pin(_, let range, _, let isBehind):
      guard let slot = waiter.session.flatMap({ sessions.slot(of: $0) }) else { return }
      if isBehind, !letPass(identifier, slot, range) { return }
      advancePin(identifier, slot, range, now, &effects)
    case .migrate:
      advanceMigration(identifier, now, &effects)
    case .evict:
      advanceEviction(identifier, now, &effects)
    }
  }

  /// Gives free frames to those who wait for them, first come first served. One that only a pin
  /// can help is passed over, so that it holds up nobody who could go on.
  mutating func serveFrameQueue(_ now: Instant, _ effects: inout [Effect]) {
    var position = 0
    framesAreShort = false
    while position < frameQueue.count {
      let identifier = frameQueue[position]
      let waiter = waiters[slot: waiterSlot(identifier)]
      let needed: Int
      switch waiter.wish {
      case .allocate(let frames, let alignment, let priority):
        guard let slot = waiter.session.flatMap({ sessions.slot(of: $0) }) else { return }
        needed = reservedFrames(ofAllocation: frames)
        do throws(Refusal) {
          if try grantAllocation(slot, waiter.requester, frames, alignment, priority, &effects) {
            endWaiter(identifier)
            continue
          }
        } catch {
          endWaiter(identifier)
          answer(waiter.requester, .refused(error), &effects)
          continue
        }
      default:
        needed = advanceMigration(identifier, now, &effects)
        if waiters.slot(of: identifier) == nil || !frameQueue.contains(identifier) { continue }
      }
      if needed == 0 || needed + configuration.reserveFrames <= region.free {
        // It has the frames; it waits for something freed to be given back.
        position += 1
        continue
      }
      because = origin(of: waiter)
      evictForFrames(needed, now, &effects)
      if needed + configuration.reserveFrames <= region.free { continue }
      if needed + configuration.reserveFrames <= region.free + framesOnTheirWay { break }
      framesAreShort = true
      position += 1
    }
    balance(now, &effects)
    letPinsPass(now, &effects)
  }

  /// Frames that will be free when the work under way is done.
  var framesOnTheirWay: Int {
    max(region.counts[.evicting] + region.counts[.releasing] - strandedFrames, 0)
  }

  // MARK: ends

  /// The deadline of a waiter has come: the refusal says what there was and who stood in the way.
  mutating func timeOut(_ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]) {
    let waiter = endWaiter(identifier)
    switch waiter.wish {
    case .allocate(let frames, _, _):
      guard let slot = waiter.session.flatMap({ sessions.slot(of: $0) }) else { return }
      answer(waiter.requester, .refused(shortage(slot, frames: frames)), &effects)
    case .pin(_, let range, _, _):
      endWaitersPins(waiter, now, &effects)
      // No pin stood in its way: what is pinned is resident, and a full device sends the rest to
      // host memory.
      let refused = refusal(.timedOut, asked: bytes(range.count), available: bytes(region.free))
      answer(waiter.requester, .refused(refused), &effects)
    case .migrate(_, let range, let target, _, let isForPin):
      endWaitersPins(waiter, now, &effects)
      guard let slot = waiter.session.flatMap({ sessions.slot(of: $0) }) else { return }
      let refused = lateMigration(slot, range, to: target, isForPin: isForPin)
      answer(waiter.requester, .refused(refused), &effects)
    case .evict(let eviction):
      finishEviction(waiter, eviction, &effects)
    case .discard:
      invariant(false, "a discard that was begun is not given up")
    }
  }

  mutating func endWaitersPins(
    _ waiter: Waiter, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = waiter.session.flatMap({ sessions.slot(of: $0) }),
      let range = waiter.pinnedRange
    else { return }
    removePins(slot, range)
    pinsEnded(slot, now, &effects)
  }

  /// An allocation is freed while requests of the same session wait for it: they end refused.
  mutating func endWaiters(
    _ slot: Int, ofAllocation allocation: UInt64, _ now: Instant, _ effects: inout [Effect]
  ) {
    for identifier in sessions[slot].waiters {
      let waiter = waiters[slot: waiterSlot(identifier)]
      switch waiter.wish {
      case .pin(allocation, _, _, _), .migrate(allocation, _, _, _, _): break
      case .discard(let discard) where discard.allocation == allocation:
        cutDiscard(identifier, now, &effects)
        continue
      default: continue
      }
      if let range = waiter.pinnedRange { removePins(slot, range) }
      endWaiter(identifier)
      let refused = refusal(.invalidRange, .unknownHandle, asked: allocation)
      answer(waiter.requester, .refused(refused), &effects)
    }
  }

  func isPinned(_ slot: Int, _ range: Range<Int>) -> Bool {
    range.contains { sessions[slot].arena.frames[$0].pins > 0 }
  }
}
