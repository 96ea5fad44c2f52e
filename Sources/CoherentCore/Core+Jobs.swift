// Frames that pass from one place to another: how they set out, and how they come to rest.

import CoherentWire

/// What became of a job.
package enum JobOutcome: UInt8, CaseIterable, Sendable {
  case done
  /// Nothing was changed; the data is where it was.
  case failed
  /// Its session ended before it was begun.
  case cancelled
}

extension Core {
  // MARK: setting out

  mutating func beginPassing(_ slot: Int, _ index: Int, _ place: Place) {
    let frame = sessions[slot].arena.frames[index]
    invariant(!frame.isPassing, "a frame that is passing does not set out again")
    sessions[slot].arena.move(index, to: place)
    sessions[slot].arena.countPassing(index, +1)
    if frame.deviceFrame != Frame.none {
      region.change(Int(frame.deviceFrame), to: place == .evicting ? .evicting : .restoring)
    }
  }

  /// Sends a stored or untouched frame on its way back. To host memory if the device is full.
  /// With a `kind`, to the device only if a frame of that kind is free.
  mutating func beginRestore(
    _ slot: Int, _ index: Int, toDevice: Bool, kind: MemoryKind? = nil
  ) -> Fill {
    let frame = sessions[slot].arena.frames[index]
    invariant(
      frame.place == .stored || frame.place == .untouched, "only what is not there is restored")
    if frame.place == .stored, toDevice,
      let deviceFrame = region.take(
        session: slot, arenaFrame: index, as: .restoring, kind: kind)
    {
      lastTaker = sessions[slot].id
      sessions[slot].arena.setDeviceFrame(index, deviceFrame)
      sessions[slot].arena.move(index, to: .restoring)
      sessions[slot].arena.countPassing(index, +1)
    } else {
      beginPassing(slot, index, .restoring)
    }
    return Fill(
      source: frame.flags.contains(.hasCopy) ? .store : .zero, target: target(slot, index))
  }

  /// What memory a frame has, or is to get: of the device, if it has a device frame.
  func target(_ slot: Int, _ index: Int) -> FillTarget {
    let frame = sessions[slot].arena.frames[index]
    guard frame.deviceFrame != Frame.none else { return .host }
    return .device(region.kind(ofFrame: Int(frame.deviceFrame)))
  }

  /// A reservation that nobody used goes to somebody who needs it: no copy, no call.
  mutating func stealReservation(_ slot: Int, _ index: Int) {
    giveBack(slot, index)
    sessions[slot].arena.move(index, to: .stored)
    noteFrames(slot, index..<index + 1)
    sessions[slot].arena.setEvictedStamp(index, region.evictionClock)
    counters.evictedFrames += 1
    sessions[slot].counters.evictedFrames += 1
    noteMoved(.evicted, slot, index..<index + 1, because)
  }

  // MARK: coming to rest

  /// A job has ended. Jobs of a session that is ending only matter to who asked for them.
  package mutating func completed(
    _ job: Job, _ outcome: JobOutcome, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    noteMoving(job.session, now)
    if let slot = sessions.slot(of: job.session), !sessions[slot].isEnding {
      invariant(outcome != .cancelled, "only an ending session's jobs are cancelled")
      for index in job.first..<job.end { settle(slot, index, job, outcome) }
      if outcome == .done { noteMoved(slot, job) }
      if case .evict = job.kind { lastEvictionAt = now }
      if case .release = job.kind { finishRelease(slot, job.first) }
      if outcome == .failed { pause(slot, now) }
      settle(slot, job.first..<job.end, now, &effects)
    }
    if job.block != nil { blockJobEnded(job, outcome, now, &effects) }
    guard let waiter = job.waiter else { return }
    if case .discard = job.kind {
      discardEnded(waiter, now, &effects)
    } else {
      evictionEnded(waiter, job, outcome, now, &effects)
    }
  }

  // MARK: failures

  private static let pauseMilliseconds: UInt32 = 100

  /// A copy failed. The session begins no job for a while; others are not held up by it.
  mutating func pause(_ slot: Int, _ now: Instant) {
    guard !sessions[slot].isPaused else { return }
    let end = now.adding(milliseconds: Self.pauseMilliseconds)
    sessions[slot].pausedUntil = end
    insertDeadline(.pause(session: sessions[slot].id.rawValue), at: end)
  }

  /// A pause is over: what left the eviction order meanwhile stands in it again, and who waits
  /// for frames of the session looks again.
  mutating func resume(_ id: SessionID, _ now: Instant, _ effects: inout [Effect]) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      let end = sessions[slot].pausedUntil, end <= now
    else { return }
    sessions[slot].pausedUntil = nil
    for index in sessions[slot].arena.frames.indices {
      let frame = sessions[slot].arena.frames[index]
      guard frame.place == .device, frame.pins == 0 else { continue }
      let allocation = sessions[slot].arena.allocation(ofFrame: index)
      guard !allocation.isDying, !region[Int(frame.deviceFrame)].isInOrder else { continue }
      makeEvictable(slot, index, allocation.priority, isProtected: false)
    }
    for waiter in sessions[slot].waiters { advance(waiter, now, &effects) }
  }

  private mutating func settle(_ slot: Int, _ index: Int, _ job: Job, _ outcome: JobOutcome) {
    switch job.kind {
    case .evict(let copies): settleEvicted(slot, index, outcome, copies: copies)
    case .restore(let source):
      if outcome == .done {
        settleRestored(slot, index, source, keepsCopy: false)
      } else {
        settleUnrestored(slot, index)
      }
    case .discard:
      invariant(outcome == .done, "giving memory back does not fail")
      sessions[slot].arena.clearFlags(index, [.hasCopy, .copyIsCurrent, .isKeptInHost])
      forgetLoss(slot, index)
      if configuration.oversubscribe { giveBack(slot, index) }
      restWithoutContents(slot, index)
    case .release:
      invariant(outcome == .done, "giving memory back does not fail")
      sessions[slot].arena.clearFlags(index, [.hasCopy, .copyIsCurrent, .isListedStale])
      forgetLoss(slot, index)
      giveBack(slot, index)
      // Other parts of its allocation may still be under way: until then it is nowhere.
      sessions[slot].arena.move(index, to: .stored)
    }
  }

  private mutating func settleEvicted(
    _ slot: Int, _ index: Int, _ outcome: JobOutcome, copies: Bool
  ) {
    guard outcome == .done else {
      let isOnDevice = sessions[slot].arena.frames[index].deviceFrame != Frame.none
      rest(slot, index, isOnDevice ? .device : .host)
      if copies {
        // Part of it may have been written: memory that is to be given back.
        sessions[slot].arena.setFlags(index, .hasCopy)
        sessions[slot].arena.makeStale(index)
      }
      return
    }
    sessions[slot].arena.setFlags(index, [.hasCopy, .copyIsCurrent])
    giveBack(slot, index)
    sessions[slot].arena.setEvictedStamp(index, region.evictionClock)
    rest(slot, index, .stored)
    counters.evictedFrames += 1
    sessions[slot].counters.evictedFrames += 1
  }

  mutating func settleRestored(_ slot: Int, _ index: Int, _ source: FillSource, keepsCopy: Bool) {
    let isOnDevice = sessions[slot].arena.frames[index].deviceFrame != Frame.none
    rest(slot, index, isOnDevice ? .device : .host)
    guard source == .store else { return }
    if !keepsCopy { sessions[slot].arena.makeStale(index) }
    counters.restoredFrames += 1
    sessions[slot].counters.restoredFrames += 1
  }

  mutating func settleUnrestored(_ slot: Int, _ index: Int) {
    if sessions[slot].arena.frames[index].flags.contains(.hasCopy) {
      giveBack(slot, index)
      rest(slot, index, .stored)
    } else {
      restWithoutContents(slot, index)
    }
  }

  /// A frame that reads as zero comes to rest: untouched if it has a device frame, which it keeps.
  private mutating func restWithoutContents(_ slot: Int, _ index: Int) {
    let frame = sessions[slot].arena.frames[index].deviceFrame
    guard frame != Frame.none else {
      rest(slot, index, .stored)
      return
    }
    region.change(Int(frame), to: .reserved)
    rest(slot, index, .untouched)
    let allocation = sessions[slot].arena.allocation(ofFrame: index)
    if !allocation.isDying {
      makeEvictable(slot, index, allocation.priority, isProtected: false)
    }
  }

  private mutating func rest(_ slot: Int, _ index: Int, _ place: Place) {
    sessions[slot].arena.move(index, to: place)
    sessions[slot].arena.countPassing(index, -1)
    noteFrames(slot, index..<index + 1)
    let frame = sessions[slot].arena.frames[index]
    guard place == .device else { return }
    region.change(Int(frame.deviceFrame), to: .device)
    let allocation = sessions[slot].arena.allocation(ofFrame: index)
    guard !allocation.isDying else { return }
    let distance = region.evictionClock &- frame.evictedStamp
    let cameBackSoon = frame.evictedStamp != 0 && distance < UInt32(region.online)
    makeEvictable(slot, index, allocation.priority, isProtected: cameBackSoon)
  }

  /// After frames came to rest: who waited for them, and for the memory, looks again.
  mutating func settle(
    _ slot: Int, _ range: Range<Int>, isRetried: Bool = false, _ now: Instant,
    _ effects: inout [Effect]
  ) {
    var isAwaited = false
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if frame.flags.contains(.isFaulted) { settleFault(slot, index, isRetried: isRetried) }
      if frame.flags.contains(.isAwaited), !frame.isPassing {
        sessions[slot].arena.clearFlags(index, .isAwaited)
        isAwaited = true
      }
      guard frame.isAllocated else { continue }
      let allocation = sessions[slot].arena.allocation(ofFrame: index)
      if allocation.isDying, allocation.passingFrames == 0, allocation.pendingReleases == 0 {
        release(slot, Int(frame.allocation), &effects)
      }
    }
    if isAwaited {
      for waiter in sessions[slot].waiters { advance(waiter, now, &effects) }
    }
    serveFrameQueue(now, &effects)
    if region.hasCarvingWork { effects.append(.carve) }
  }

  private mutating func finishRelease(_ slot: Int, _ index: Int) {
    let allocation = Int(sessions[slot].arena.frames[index].allocation)
    sessions[slot].arena.allocations[slot: allocation].pendingReleases -= 1
    if sessions[slot].arena.allocations[slot: allocation].pendingReleases == 0 {
      forget(slot, allocation)
    }
  }

  // MARK: carving

  /// The next runs of device memory to carve out of the region's file or to give back to it.
  package mutating func takeCarvingWork(limit: Int) -> [CarvingWork] {
    region.takeCarvingWork(limit: limit)
  }

  package mutating func carved(
    _ work: CarvingWork, succeeded: Bool, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    region.carved(work, succeeded: succeeded)
    finishLeaving(region.block(ofFrame: work.first), now, &effects)
  }

  package var carvingBacklog: Int { region.carvingBacklog }

  /// By how many frames the memory files hold more of a kind than the device has, for the moment.
  package func overshootFrames(_ kind: MemoryKind) -> Int { region.overshootFrames[kind] }

  /// The same of the kind of which it is most.
  package var mostOvershootFrames: Int { region.overshootFrames.most }
}
