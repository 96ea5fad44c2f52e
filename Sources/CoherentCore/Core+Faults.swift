// Faults: a thread of a client stands on a page and waits. The answer never waits for anybody's
// pin: what finds no room on the device is restored to host memory, which is always possible.
//
// decide (here) -> fill the arena -> filled (here: the commit) -> map -> the thread goes on.

import CoherentWire

extension Core {
  /// The most frames that one fault brings in when a thread walks through its memory.
  private static let longestWalk = 8

  /// Decides what to do about a fault on a frame of a session's arena. O(1), but for walks.
  package mutating func fault(
    _ id: SessionID, frame index: Int, isWrite: Bool, isWriteProtect: Bool, _ now: Instant,
    _ effects: inout [Effect]
  ) -> FaultDecision {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return .wait }
    see(now)
    counters.faults += 1
    sessions[slot].counters.faults += 1
    guard let frame = sessions[slot].arena.frame(index), frame.isAllocated,
      !sessions[slot].arena.allocation(ofFrame: index).isDying
    else {
      sessions[slot].wasPoisoned = true
      return .poison
    }
    if !sessions[slot].lostFrames.isEmpty, sessions[slot].lostFrames.contains(index) {
      return .lost
    }
    switch frame.place {
    case .evicting, .restoring:
      awaitFrame(slot, index)
      return .wait
    case .device, .host:
      stalls.acted(slot, now)
      return touch(slot, index, frame, isWrite: isWrite || isWriteProtect, isWriteProtect)
    case .untouched, .stored:
      awaitFrame(slot, index)
      let order = beginFill(slot, index, isWrite: isWrite)
      balance(now, &effects)
      return .fill(order)
    }
  }

  private mutating func touch(
    _ slot: Int, _ index: Int, _ frame: Frame, isWrite: Bool, _ isWriteProtect: Bool
  ) -> FaultDecision {
    let isClean = frame.flags.contains(.copyIsCurrent)
    if isWrite, isClean { sessions[slot].arena.makeStale(index) }
    return .map(
      writeProtected: isClean && !isWrite, unprotects: isWriteProtect || (isWrite && isClean),
      target: target(slot, index))
  }

  /// The frame that is needed now, and those behind it if the client walks upwards.
  private mutating func beginFill(_ slot: Int, _ index: Int, isWrite: Bool) -> FillOrder {
    let place = sessions[slot].arena.frames[index].place
    let allocation = sessions[slot].arena.frames[index].allocation
    let walks = sessions[slot].nextSequentialFrame == index
    let wanted = walks ? min(sessions[slot].sequentialFrames * 2, Self.longestWalk) : 1
    let toDevice = !sessions[slot].arena.frames[index].staysInHost
    let fill = beginRestore(slot, index, toDevice: toDevice)
    // In host memory it does not keep its copy: that would be its room in the host twice.
    let isOnDevice = sessions[slot].arena.frames[index].deviceFrame != Frame.none
    var order = FillOrder(
      first: index, count: 1, source: fill.source,
      writeProtected: fill.source == .store && isOnDevice && !isWrite, target: fill.target)
    while order.count < min(wanted, configuration.runFrames) {
      guard toDevice, isOnDevice, !sessions[slot].isPaused,
        let next = sessions[slot].arena.frame(order.end),
        next.allocation == allocation, next.place == place,
        !next.staysInHost,
        next.flags.contains(.hasCopy) == (fill.source == .store),
        hasMemory(for: fill.target, slot, order.end),
        place == .untouched || region.free > max(configuration.lowFrames, 1)
      else { break }
      _ = beginRestore(slot, order.end, toDevice: true, kind: fill.target.kind)
      order.count += 1
    }
    sessions[slot].nextSequentialFrame = order.end
    sessions[slot].sequentialFrames = order.count
    return order
  }

  /// Whether a frame that is not there can be filled with the same memory as its neighbour.
  private func hasMemory(for target: FillTarget, _ slot: Int, _ index: Int) -> Bool {
    guard let kind = target.kind else { return true }
    let deviceFrame = sessions[slot].arena.frames[index].deviceFrame
    if deviceFrame != Frame.none { return region.kind(ofFrame: Int(deviceFrame)) == kind }
    return region.hasFree(kind)
  }

  /// The frames of an order lie filled in the arena: they are resident from now on. To be said
  /// before they are mapped.
  package mutating func filled(
    _ id: SessionID, _ order: FillOrder, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return }
    see(now)
    for index in order.first..<order.end {
      settleRestored(slot, index, order.source, keepsCopy: order.writeProtected)
    }
    noteFilled(slot, order)
    settle(slot, order.first..<order.end, now, &effects)
  }

  /// An order could not be carried out (the host lacked memory): the frames are as before, and the
  /// fault is tried again.
  package mutating func fillFailed(
    _ id: SessionID, _ order: FillOrder, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return }
    see(now)
    for index in order.first..<order.end { settleUnrestored(slot, index) }
    pause(slot, now)
    settle(slot, order.first..<order.end, isRetried: true, now, &effects)
  }

  /// Stale copies in the host store to punch. While evictions go on they are kept: the next
  /// eviction of the frame then finds its memory there. Bounded by one run.
  package mutating func takeStaleCopies(_ id: SessionID, _ now: Instant) -> StaleCopies {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      !sessions[slot].arena.stale.isEmpty
    else { return .none }
    let idle = lastEvictionAt.adding(milliseconds: Self.staleMilliseconds)
    guard now >= idle || sessions[slot].arena.places[.host] > 0 else { return .keep }
    guard let run = sessions[slot].arena.takeStale(limit: configuration.runFrames) else {
      return .none
    }
    return .drop(run)
  }

  /// How long after the last eviction stale copies are kept.
  package static let staleMilliseconds: UInt32 = 1000

  /// The copies of a range that `takeStaleCopies` gave are gone.
  package mutating func droppedCopies(_ id: SessionID, _ range: Range<Int>) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return }
    for index in range { sessions[slot].arena.clearFlags(index, .hasCopy) }
  }
}
