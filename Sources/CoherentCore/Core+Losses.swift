// Data that is gone. Wherever the daemon notices it, it is counted here, frame by frame, and stands
// in the history. What may never happen: lost data that reads as zeros, or that nobody counted.

import CoherentWire

extension Core {
  /// Contents of a session that nobody can bring back any more; a part of a frame counts as one.
  /// The session need not be known to this core. O(1).
  package mutating func noteLost(
    session: SessionID, process: UInt32, bytes lostBytes: UInt64, because cause: Cause,
    _ now: Instant
  ) {
    guard lostBytes > 0 else { return }
    see(now)
    let frameBytes = bytes(1)
    counters.lostFrames += (lostBytes - 1) / frameBytes + 1
    var entry = HistoryEntry(.dataLost, Origin(cause), at: eventTime)
    entry.session = session
    entry.process = process
    entry.bytes = lostBytes
    history.note(entry)
  }

  /// The copies of an order cannot be read, now or later. True if that was one frame: it is lost,
  /// and counted. Of several the good ones are still to be found: each is tried again by itself.
  package mutating func copyUnreadable(
    _ id: SessionID, _ order: FillOrder, _ now: Instant, _ effects: inout [Effect]
  ) -> Bool {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return false }
    see(now)
    for index in order.first..<order.end { settleUnrestored(slot, index) }
    sessions[slot].nextSequentialFrame = -1
    if isStopping, order.count > 1 { sessions[slot].releaseCursor = order.first }
    let isLost = order.count == 1
    if isLost, sessions[slot].lostFrames.insert(order.first).inserted {
      sessions[slot].wasPoisoned = true
      noteLost(
        session: id, process: sessions[slot].process, bytes: bytes(1), because: .access, now)
    }
    settle(slot, order.first..<order.end, isRetried: !isLost, now, &effects)
    return isLost
  }

  /// What lay in a frame was given up: what it holds next is whole.
  mutating func forgetLoss(_ slot: Int, _ index: Int) {
    if !sessions[slot].lostFrames.isEmpty { sessions[slot].lostFrames.remove(index) }
  }
}
