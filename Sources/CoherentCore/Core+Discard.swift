// Dropping contents: what a range holds is no longer needed, wherever it is. A frame that is just
// being evicted or brought back is waited for, and dropped when it comes to rest. What may never
// happen: an answer while a frame of the range still holds, or will hold, what it held before.
//
// A discard walks its range once, in the order of the addresses, a bounded piece at a time; so it
// ends even if its owner goes on writing, and a huge one holds nobody up.

import CoherentWire

extension Core {
  /// Jobs of one discard that are under way at once.
  private static let discardJobs = 64

  /// The range reads as zero from the answer on. Nil if that comes later. Refused, before anything
  /// is dropped, where a pin covers a frame of it.
  mutating func discard(
    _ slot: Int, _ requester: Requester, _ handle: HandleID, _ range: Range<Int>,
    _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) -> Int? {
    if range.isEmpty { return 0 }
    let allocation = Int(handle.rawValue & 0xffff_ffff)
    if sessions[slot].arena.allocations[slot: allocation].pinnedFrames > 0 {
      let pinned = range.count { sessions[slot].arena.frames[$0].isPinned }
      if pinned > 0 { throw refusalOfPinned(slot, frames: range.count, pinned: pinned) }
    }
    let waiter = try wait(
      Waiter(
        requester: requester, session: sessions[slot].id,
        wish: .discard(Waiter.Discard(allocation: handle.rawValue, range: range)), since: now,
        deadline: .never),
      forFrames: false)
    // Its owner drops what its own fast pins hold: they end here.
    closeWord(slot, allocation)
    advanceDiscard(waiter, now, &effects)
    return nil
  }

  /// Goes on with a discard, as far as the next frame that is on its way. O(frames of a step).
  mutating func advanceDiscard(
    _ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard case .discard(var discard) = waiters[slot: waiterSlot(identifier)].wish,
      !discard.isPutOff,
      let slot = waiters[slot: waiterSlot(identifier)].session.flatMap({ sessions.slot(of: $0) })
    else { return }
    var looks = configuration.framesPerEvent
    while let index = discard.range.first, discard.jobsInFlight < Self.discardJobs {
      guard looks > 0 else {
        discard.isPutOff = true
        putOff(.discard(identifier), now)
        break
      }
      guard !sessions[slot].arena.frames[index].isPassing else {
        sessions[slot].arena.setFlags(index, .isAwaited)
        break
      }
      let run = dropRun(slot, discard.range)
      looks -= max(run.count, 1)
      discard.range = max(run.upperBound, index + 1)..<discard.range.upperBound
      guard !run.isEmpty else { continue }
      discard.frames += run.count
      discard.jobsInFlight += 1
      effects.append(
        .job(
          Job(
            kind: .discard, session: sessions[slot].id, first: run.lowerBound, count: run.count,
            waiter: identifier)))
    }
    waiters[slot: waiterSlot(identifier)].wish = .discard(discard)
    endDiscardIfDone(identifier, discard, now, &effects)
  }

  /// Sends the first frames of a range out to be dropped, those that hold anything.
  private mutating func dropRun(_ slot: Int, _ range: Range<Int>) -> Range<Int> {
    var run = range.lowerBound..<range.lowerBound
    while run.count < configuration.runFrames, run.upperBound < range.upperBound,
      hasContents(sessions[slot].arena.frames[run.upperBound])
    {
      noteDiscard(slot, run.upperBound)
      beginPassing(slot, run.upperBound, .evicting)
      run = run.lowerBound..<run.upperBound + 1
    }
    return run
  }

  private func hasContents(_ frame: Frame) -> Bool {
    frame.isResident || (frame.place == .stored && frame.flags.contains(.hasCopy))
  }

  /// A job of a discard has ended.
  mutating func discardEnded(_ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]) {
    guard let waiterSlot = waiters.slot(of: identifier),
      case .discard(var discard) = waiters[slot: waiterSlot].wish
    else { return }
    discard.jobsInFlight -= 1
    waiters[slot: waiterSlot].wish = .discard(discard)
    advanceDiscard(identifier, now, &effects)
  }

  /// Its allocation is freed: what it has not come to is given back with the rest.
  mutating func cutDiscard(_ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]) {
    guard case .discard(var discard) = waiters[slot: waiterSlot(identifier)].wish else { return }
    discard.range = discard.range.upperBound..<discard.range.upperBound
    waiters[slot: waiterSlot(identifier)].wish = .discard(discard)
    endDiscardIfDone(identifier, discard, now, &effects)
  }

  private mutating func endDiscardIfDone(
    _ identifier: UInt64, _ discard: Waiter.Discard, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard discard.range.isEmpty, discard.jobsInFlight == 0 else { return }
    let waiter = endWaiter(identifier)
    answer(waiter.requester, .advised(frames: UInt32(discard.frames)), &effects)
    // Pins of what was being dropped have waited for it.
    if let slot = waiter.session.flatMap({ sessions.slot(of: $0) }) {
      advanceMigrations(slot, now, &effects)
    }
    letPinsPass(now, &effects)
  }

  /// Whether contents of the range are still to be dropped: no pin may promise them.
  func isBeingDiscarded(_ slot: Int, _ range: Range<Int>) -> Bool {
    sessions[slot].waiters.contains { identifier in
      guard case .discard(let discard) = waiters[slot: waiterSlot(identifier)].wish else {
        return false
      }
      return discard.range.overlaps(range)
    }
  }
}
