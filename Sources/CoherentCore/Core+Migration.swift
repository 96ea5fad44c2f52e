// Migration on request: to the device or to host memory, the pointer stays the same. Also advice,
// which asks for less. Only a discard is answered late: what is written after the answer stays.

import CoherentWire

extension Core {
  mutating func migrate(
    _ slot: Int, _ requester: Requester, _ range: HandleRange, to target: MigrationTarget,
    timeoutMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    try checkTimeout(timeoutMilliseconds)
    let frames = try frames(slot, range)
    try startMigration(
      slot, requester, range.handle.rawValue, frames, to: target,
      timeoutMilliseconds: timeoutMilliseconds, now, &effects)
  }

  mutating func startMigration(
    _ slot: Int, _ requester: Requester, _ allocation: UInt64, _ frames: Range<Int>,
    to target: MigrationTarget, timeoutMilliseconds: UInt32, _ now: Instant,
    _ effects: inout [Effect]
  ) throws(Refusal) {
    guard configuration.oversubscribe || target == .device else {
      // What was admitted without a right to evict it has no room in the host.
      throw refusal(
        .notMigratable, asked: bytes(frames.count),
        available: bytes(hostRoomFrames),
        limit: bytes(configuration.hostLimitFrames))
    }
    if target == .device { try checkOnline(bytes(frames.count)) }
    guard target == .host || frames.count <= largestFrames else { throw largerThanDevice(frames) }
    if target == .device, let refused = refusalOfLongTerm(slot, frames) { throw refused }
    let already = frames.count { isAtGoal(sessions[slot].arena.frames[$0], target) }
    guard already < frames.count else {
      answer(requester, .migrated(movedFrames: 0, alreadyFrames: UInt32(already)), &effects)
      return
    }
    guard timeoutMilliseconds > 0 else { throw lateMigration(slot, frames, to: target) }
    let waiter = try wait(
      Waiter(
        requester: requester, session: sessions[slot].id,
        wish: .migrate(
          allocation: allocation, range: frames, target: target, alreadyFrames: already,
          isForPin: false),
        since: now, deadline: now.adding(milliseconds: timeoutMilliseconds)),
      forFrames: target == .device)
    takeWord(slot, Int(allocation & 0xffff_ffff))
    keepInHost(slot, frames, target == .host)
    if target == .device {
      serveFrameQueue(now, &effects)
    } else {
      advanceMigration(waiter, now, &effects)
    }
  }

  func isAtGoal(_ frame: Frame, _ target: MigrationTarget) -> Bool {
    switch target {
    case .device: return frame.place == .device || frame.place == .untouched
    case .host: return frame.place == .host
    }
  }

  mutating func largerThanDevice(_ frames: Range<Int>) -> Refusal {
    refusal(
      .outOfDeviceMemory, .largerThanDevice, asked: bytes(frames.count),
      available: bytes(region.free), limit: bytes(largestFrames))
  }

  /// Starts whatever of a migration can start now, and answers it when all of it has arrived.
  /// Returns the device frames that it still lacks.
  @discardableResult
  mutating func advanceMigration(
    _ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]
  ) -> Int {
    let waiter = waiters[slot: waiterSlot(identifier)]
    guard case .migrate(_, let range, let target, let already, let isForPin) = waiter.wish,
      let slot = waiter.session.flatMap({ sessions.slot(of: $0) })
    else { return 0 }
    because = origin(of: waiter)
    var remaining = 0
    var lacking = 0
    var restores = RestoreRun(
      session: sessions[slot].id, limit: configuration.runFrames, origin: because)
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if isAtGoal(frame, target) { continue }
      remaining += 1
      sessions[slot].arena.setFlags(index, .isAwaited)
      if frame.isPassing || sessions[slot].isPaused || (frame.pins > 0 && !isForPin) { continue }
      switch (frame.place, target) {
      case (.stored, .device):
        if region.free > configuration.reserveFrames {
          restores.add(index, beginRestore(slot, index, toDevice: true), &effects)
        } else {
          lacking += 1
        }
      case (.untouched, .host):
        stealReservation(slot, index)
        restores.add(index, beginRestore(slot, index, toDevice: false), &effects)
      case (.stored, .host):
        restores.add(index, beginRestore(slot, index, toDevice: false), &effects)
      default:
        // From the one memory to the other the way leads through the host store.
        evictRun(slot, around: index, within: range, includesPinned: isForPin, &effects)
      }
    }
    restores.finish(&effects)
    if remaining == 0, isForPin {
      // What is still to be dropped is not promised.
      if isBeingDiscarded(slot, range) { return 0 }
      grantLongTermPin(slot, endWaiter(identifier), now, &effects)
    } else if remaining == 0 {
      endWaiter(identifier)
      answer(
        waiter.requester,
        .migrated(
          movedFrames: UInt32(range.count - already), alreadyFrames: UInt32(already)), &effects)
    } else if lacking == 0 {
      frameQueue.removeAll { $0 == identifier }
    } else if !frameQueue.contains(identifier) {
      frameQueue.append(identifier)
    }
    return lacking
  }

  // MARK: advice

  /// Returns the frames that the advice concerned: those it changed anything for. Nil if that is
  /// answered later.
  mutating func advise(
    _ slot: Int, _ requester: Requester, _ bytesRange: HandleRange, _ advice: Advice,
    _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) -> Int? {
    let range = try frames(slot, bytesRange)
    switch advice {
    case .willNeed: return bringBack(slot, range, now, &effects)
    case .cold:
      var cooled = 0
      for index in range {
        let frame = sessions[slot].arena.frames[index]
        guard frame.deviceFrame != Frame.none, frame.pins == 0, !frame.isPassing else { continue }
        region.cool(Int(frame.deviceFrame))
        cooled += 1
      }
      return cooled
    case .discard:
      return try discard(
        slot, requester, bytesRange.handle, wholeFrames(bytesRange, range), now, &effects)
    }
  }

  /// The frames that lie wholly in a range of bytes: what is beside it is not to be dropped.
  private func wholeFrames(_ bytesRange: HandleRange, _ touched: Range<Int>) -> Range<Int> {
    let frameBytes = configuration.frameBytes
    let end = bytesRange.offsetBytes + bytesRange.lengthBytes
    let first =
      touched.lowerBound + (bytesRange.offsetBytes.isMultiple(of: frameBytes) ? 0 : 1)
    let last = touched.upperBound - (end.isMultiple(of: frameBytes) ? 0 : 1)
    return first..<max(first, last)
  }

  /// Brings stored frames to the device as far as that causes no pressure.
  private mutating func bringBack(
    _ slot: Int, _ range: Range<Int>, _ now: Instant, _ effects: inout [Effect]
  ) -> Int {
    var started = 0
    var run = RestoreRun(
      session: sessions[slot].id, limit: configuration.runFrames,
      origin: origin(.advice, by: sessions[slot].id))
    for index in range where sessions[slot].arena.frames[index].place == .stored {
      guard !sessions[slot].isPaused,
        region.free > max(configuration.lowFrames, configuration.reserveFrames)
      else { break }
      let isForHost = sessions[slot].arena.frames[index].flags.contains(.isPinnedInHost)
      run.add(index, beginRestore(slot, index, toDevice: !isForHost), &effects)
      started += 1
    }
    run.finish(&effects)
    return started
  }
}
