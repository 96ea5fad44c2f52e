// What a session's memory file may hold by the core's own books, to be compared with what the
// kernel says that it holds.

import CoherentWire

extension Core {
  /// The most frames of memory that a session has a right to in its file, arena and host store
  /// together; nil if it is not attached. Frames on their way count in both, as do those of an
  /// allocation that is being freed. O(1).
  package func accountedFrames(_ id: SessionID) -> Int? {
    guard let slot = sessions.slot(of: id), sessions[slot].isAttached, !sessions[slot].isEnding
    else { return nil }
    let session = sessions[slot]
    let places = session.arena.places
    let passing = places[.evicting] + places[.restoring]
    return places[.device] + places[.host] + passing * 2 + session.arena.copiedFrames
      + session.dyingFrames * 2
  }
}
