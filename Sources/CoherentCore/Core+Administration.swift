// What an administrator can order. Orders use the same paths as a client's requests and the
// pager's own decisions; there is no second way to move a frame.

import CoherentWire

extension Core {
  /// Evicts up to `frames` frames of one allocation, of one session, or of whatever is coldest.
  /// Answers with how many were, when that is done, nothing more can be evicted, or the time is up.
  /// A narrowing that cannot be applied is refused: an order never reaches further than it says.
  package mutating func evict(
    token: UInt64, session id: SessionID?, handle: HandleID?, frames: Int,
    timeoutMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    var eviction = Waiter.Eviction(session: id, wantedFrames: frames)
    do throws(Refusal) {
      guard !isStopping else { throw refusal(.regionGoingOffline, .daemonStopping) }
      try checkTimeout(timeoutMilliseconds)
      if let id {
        guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else {
          throw refusal(.invalidRange, .unknownHandle, asked: UInt64(id.rawValue))
        }
        eviction.range = 0..<sessions[slot].arena.frames.count
        if let handle {
          let allocation = try allocationSlot(slot, handle)
          eviction.range = sessions[slot].arena.allocations[slot: allocation].range
        }
      } else if let handle {
        // Handles are a session's own: without it this one names nothing.
        throw refusal(.invalidRange, .unknownHandle, asked: handle.rawValue)
      }
      let waiter = try wait(
        Waiter(
          requester: .administrator(token), session: id, wish: .evict(eviction),
          since: now, deadline: now.adding(milliseconds: timeoutMilliseconds)), forFrames: false)
      // What is lent out for pins is asked for first; the answers start the eviction.
      takeWords(for: eviction)
      if wordOperations.isEmpty {
        advanceEviction(waiter, now, &effects)
      } else {
        ordersAwaitWords = true
      }
    } catch {
      effects.append(.administrated(token, .refused(error)))
    }
  }

  private mutating func takeWords(for eviction: Waiter.Eviction) {
    guard let id = eviction.session, let slot = sessions.slot(of: id) else {
      let lacking = eviction.wantedFrames.subtractingReportingOverflow(region.evictable)
      if lacking.partialValue > 0 { _ = takeOldestWords(frames: lacking.partialValue) }
      return
    }
    var index = eviction.range.lowerBound
    while index < eviction.range.upperBound {
      let frame = sessions[slot].arena.frames[index]
      index += 1
      guard frame.isAllocated else { continue }
      takeWord(slot, Int(frame.allocation))
      index = sessions[slot].arena.allocations[slot: Int(frame.allocation)].range.upperBound
    }
  }

  /// Migrates a whole allocation of any session.
  package mutating func migrate(
    token: UInt64, session id: SessionID, handle: HandleID, to target: MigrationTarget,
    timeoutMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    do throws(Refusal) {
      guard !isStopping else { throw refusal(.regionGoingOffline, .daemonStopping) }
      try checkTimeout(timeoutMilliseconds)
      guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else {
        throw refusal(.invalidRange, .unknownHandle, asked: UInt64(id.rawValue))
      }
      let allocation = try allocationSlot(slot, handle)
      try startMigration(
        slot, .administrator(token), handle.rawValue,
        sessions[slot].arena.allocations[slot: allocation].range, to: target,
        timeoutMilliseconds: timeoutMilliseconds, now, &effects)
    } catch {
      effects.append(.administrated(token, .refused(error)))
    }
  }

  /// Starts the next few runs of an eviction; ends it when none is left and none is under way.
  mutating func advanceEviction(
    _ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]
  ) {
    let waiterSlot = waiterSlot(identifier)
    let waiter = waiters[slot: waiterSlot]
    guard case .evict(var eviction) = waiter.wish else { return }
    because = Origin(.administrator)
    while eviction.jobsInFlight < 4, eviction.startedFrames < eviction.wantedFrames {
      let started =
        eviction.session == nil
        ? evictColdest(
          waiter: identifier, limit: eviction.wantedFrames - eviction.startedFrames, &effects)
        : evictNext(&eviction, identifier, &effects)
      guard let started else { break }
      eviction.startedFrames += started.frames
      eviction.jobsInFlight += started.jobs
      if started.jobs == 0 { eviction.evictedFrames += started.frames }
    }
    waiters[slot: waiterSlot].wish = .evict(eviction)
    if eviction.jobsInFlight == 0 { finishEviction(endWaiter(identifier), eviction, &effects) }
  }

  /// The next run of a session's range; nil at its end.
  private mutating func evictNext(
    _ eviction: inout Waiter.Eviction, _ identifier: UInt64, _ effects: inout [Effect]
  ) -> Started? {
    guard let id = eviction.session, let slot = sessions.slot(of: id) else { return nil }
    while let index = eviction.range.first {
      guard index < sessions[slot].arena.frames.count else { return nil }
      eviction.range = index + 1..<eviction.range.upperBound
      let frame = sessions[slot].arena.frames[index]
      guard frame.isAllocated, !sessions[slot].arena.allocation(ofFrame: index).isDying else {
        continue
      }
      if frame.pins > 0 {
        eviction.skippedPinnedFrames += 1
      } else if frame.place == .untouched, configuration.oversubscribe {
        stealReservation(slot, index)
        return Started(frames: 1, jobs: 0)
      } else if frame.isResident, configuration.oversubscribe, !sessions[slot].isPaused {
        let bounds = index..<max(eviction.range.upperBound, index + 1)
        return evictRun(
          slot, around: index, within: bounds, waiter: identifier,
          limit: eviction.wantedFrames - eviction.startedFrames, &effects)
      }
    }
    return nil
  }

  /// A job that an eviction started has ended.
  mutating func evictionEnded(
    _ identifier: UInt64, _ job: Job, _ outcome: JobOutcome, _ now: Instant,
    _ effects: inout [Effect]
  ) {
    guard let waiterSlot = waiters.slot(of: identifier),
      case .evict(var eviction) = waiters[slot: waiterSlot].wish
    else { return }
    eviction.jobsInFlight -= 1
    if outcome == .done { eviction.evictedFrames += job.count }
    waiters[slot: waiterSlot].wish = .evict(eviction)
    advanceEviction(identifier, now, &effects)
    serveFrameQueue(now, &effects)
  }

  mutating func finishEviction(
    _ waiter: Waiter, _ eviction: Waiter.Eviction, _ effects: inout [Effect]
  ) {
    guard case .administrator(let token) = waiter.requester else { return }
    let holders = holders(inTheWayOf: eviction)
    let skipped = holders.reduce(0) { $0 + $1.frames }
    effects.append(
      .administrated(
        token,
        .evicted(
          frames: eviction.evictedFrames, skippedPinnedFrames: skipped,
          holders: Array(holders.prefix(PinHolder.maximumNamed)))))
  }
}
