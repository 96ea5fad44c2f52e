// Sessions whose client holds up the threads that move their memory: by a lock of its address
// space, or of its memory file. What they were to give is not counted on, and nothing more is
// asked of them; so those who wait for device memory are given that of others. Once such a session
// is over, everything that it still holds is withheld from the device until it comes back.

import CoherentWire

extension Core {
  /// The session's memory does not move for now. O(frames of its arena).
  package mutating func noteHeldUp(
    _ id: SessionID, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id) else { return }
    see(now)
    if !heldUpSessions.contains(id) { heldUpSessions.append(id) }
    var stranded = 0
    for frame in sessions[slot].arena.frames where frame.deviceFrame != Frame.none {
      switch region[Int(frame.deviceFrame)].state {
      case .evicting, .releasing: stranded += 1
      default: break
      }
    }
    sessions[slot].strandedFrames = stranded
    if !sessions[slot].isEnding { sessions[slot].pausedUntil = .never }
    serveFrameQueue(now, &effects)
  }

  /// It moves again: it is asked for memory as before. Nothing, if it was not held up.
  package mutating func noteMoving(_ id: SessionID, _ now: Instant) {
    guard let index = heldUpSessions.firstIndex(of: id) else { return }
    heldUpSessions.remove(at: index)
    guard let slot = sessions.slot(of: id) else { return }
    sessions[slot].strandedFrames = 0
    guard !sessions[slot].isEnding, sessions[slot].pausedUntil == .never else { return }
    sessions[slot].pausedUntil = now
    insertDeadline(.pause(session: id.rawValue), at: now)
  }

  /// Device frames of sessions that are over and whose memory does not come back for now.
  package var withheldFrames: Int {
    heldUpSessions.reduce(0) { sum, id in
      guard let slot = sessions.slot(of: id) else { return sum }
      return sum + withheldFrames(slot)
    }
  }

  func withheldFrames(_ slot: Int) -> Int {
    guard sessions[slot].isEnding, heldUpSessions.contains(sessions[slot].id) else { return 0 }
    return sessions[slot].arena.heldDeviceFrames
  }

  /// Frames on their way out of sessions that are held up: nobody knows when they come.
  var strandedFrames: Int {
    heldUpSessions.reduce(0) { sum, id in
      sum + (sessions.slot(of: id).map { sessions[$0].strandedFrames } ?? 0)
    }
  }

  /// The frames of the blocks that are online, without those that are withheld.
  var attainableFrames: Int { max(region.usable - withheldFrames, 0) }
}
