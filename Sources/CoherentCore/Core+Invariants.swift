// Everything the core believes, recounted. Tests and the simulator call it after every step; the
// daemon does not, since it costs a walk over all frames.

import CoherentWire

extension Core {
  package func checkInvariants() {
    region.checkInvariants()
    history.checkInvariants()
    checkStalls()
    checkShares()
    var owned = 0
    var reserved = 0
    var allocations = 0
    var lent = 0
    var closing = 0
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      let session = sessions[slot]
      allocations += session.arena.allocations.count
      reserved += session.arena.space.takenFrames
      owned += checkFrames(slot)
      if session.isEnding { continue }
      session.arena.checkInvariants()
      checkPins(session)
      lent += session.lentWords
      closing += session.closingWords
    }
    invariant(
      lent == lentWords && closing == closingWords, "the words that are lent out are counted")
    let behind = (0..<waiters.endSlot).count { slot in
      guard waiters.holds(slot: slot) else { return false }
      if case .pin(_, _, _, isBehind: true) = waiters[slot: slot].wish { return true }
      return false
    }
    invariant(behind == pinsBehind, "the pins that stand behind are counted")
    invariant(
      owned == region.online - region.free - region.counts[.isolated],
      "every device frame that is not free has an owner")
    invariant(allocations == allocationCount, "the allocations are counted")
    invariant(
      0 <= dyingFrames && dyingFrames <= reserved && dyingAllocations <= allocations,
      "what was freed and not given back is counted")
    invariant(
      hostReservedFrames == (configuration.oversubscribe ? reserved : 0),
      "each admitted frame has room in the host")
    invariant(
      hostReservedFrames <= hostCeilingFrames, "the host limit is never exceeded")
    for slot in 0..<waiters.endSlot where waiters.holds(slot: slot) {
      if case .discard = waiters[slot: slot].wish { continue }
      invariant(deadlines.count > 0, "whoever waits has a deadline")
    }
    for identifier in frameQueue {
      invariant(waiters.slot(of: identifier) != nil, "only waiters stand in the queue")
    }
  }

  /// Each frame's place agrees with its device frame. Returns the device frames it owns.
  private func checkFrames(_ slot: Int) -> Int {
    var owned = 0
    let session = sessions[slot]
    for (index, frame) in session.arena.frames.enumerated() {
      guard frame.deviceFrame != Frame.none else {
        if frame.isAllocated, !session.isEnding {
          invariant(
            frame.place != .device && (frame.place != .untouched || isDying(session, index)),
            "what is on the device has a device frame")
        }
        continue
      }
      owned += 1
      let device = region[Int(frame.deviceFrame)]
      invariant(
        Int(device.session) == slot && Int(device.arenaFrame) == index,
        "a device frame knows its owner")
      if session.isEnding { continue }
      let expected: DeviceFrame.State
      switch frame.place {
      case .untouched: expected = .reserved
      case .device: expected = isReleasing(session, index) ? .releasing : .device
      case .evicting: expected = .evicting
      case .restoring: expected = .restoring
      case .host, .stored: expected = .free
      }
      invariant(device.state == expected, "a device frame's state is its owner's place")
      if frame.pins > 0 {
        invariant(!device.isInOrder, "what is pinned is not in the eviction order")
      } else if configuration.oversubscribe, !isDying(session, index),
        (frame.place == .device && !session.isPaused) || frame.place == .untouched
      {
        invariant(device.isInOrder, "what may be evicted is in the eviction order")
      }
    }
    return owned
  }

  private func isDying(_ session: Session, _ index: Int) -> Bool {
    session.arena.allocation(ofFrame: index).isDying
  }

  private func isReleasing(_ session: Session, _ index: Int) -> Bool {
    session.arena.allocation(ofFrame: index).pendingReleases > 0
  }

  /// The pins of the frames are the pins that are held or asked for, none more.
  private func checkPins(_ session: Session) {
    var counts = [Int](repeating: 0, count: session.arena.frames.count)
    for slot in 0..<session.pins.endSlot where session.pins.holds(slot: slot) {
      for index in session.pins[slot: slot].range {
        counts[index] += 1
        let frame = session.arena.frames[index]
        invariant(
          frame.isResident || frame.flags.contains(.isPinnedInHost),
          "what is pinned is resident, or goes to the host for a long-term pin")
      }
    }
    invariant(longTermFramesOutsideHost(session) == 0, "no long-term pin holds device memory")
    var lent = 0
    var closing = 0
    for word in 0..<session.arena.allocations.endSlot
    where session.arena.allocations.holds(slot: word) {
      guard session.arena.allocations[slot: word].word != .closed else { continue }
      lent += 1
      closing += session.arena.allocations[slot: word].word == .closing ? 1 : 0
      for index in session.arena.allocations[slot: word].range {
        counts[index] += 1
        invariant(session.arena.frames[index].isResident, "what is lent out is resident")
      }
    }
    invariant(
      lent == session.lentWords && closing == session.closingWords,
      "the words that are lent out are counted")
    for identifier in session.waiters {
      for index in waiters[slot: waiterSlot(identifier)].pinnedRange ?? 0..<0 {
        counts[index] += 1
      }
    }
    for (index, frame) in session.arena.frames.enumerated() {
      invariant(Int(frame.pins) == counts[index], "a frame's pins are the pins that cover it")
      invariant(
        frame.pins > 0 || !frame.flags.contains(.isPinnedInHost), "what is kept for a pin is pinned"
      )
    }
  }

  /// Frames that a long-term pin covers and that do not lie in host memory.
  package func longTermFramesOutsideHost(_ id: SessionID) -> Int {
    sessions.slot(of: id).map { longTermFramesOutsideHost(sessions[$0]) } ?? 0
  }

  private func longTermFramesOutsideHost(_ session: Session) -> Int {
    var offending = 0
    for slot in 0..<session.pins.endSlot where session.pins.holds(slot: slot) {
      let pin = session.pins[slot: slot]
      guard pin.isLongTerm else { continue }
      offending += pin.range.count { session.arena.frames[$0].place != .host }
    }
    return offending
  }
}
