// What the core wants done. The shell performs effects in their order and decides nothing: a reply
// is sent, a job goes to the session's pager, an ended session is closed.

import CoherentWire

package enum Effect: Equatable, Sendable {
  case reply(SessionID, RequestID, Reply)
  case administrated(UInt64, AdministrationAnswer)
  case job(Job)
  /// The session takes no more requests; its pager is to release everything it held.
  case end(SessionID)
  /// Device memory is to be carved out of the region's file or given back to it.
  case carve
  /// Free frames fell below the low watermark (true) or are above the high one again (false).
  case pressure(Bool)
  /// A memory block is in this state from now on.
  case blockChanged(Int, BlockState)
  /// Something the client did not ask for: an event on its connection.
  case notify(SessionID, Event)
}

package enum AdministrationAnswer: Equatable, Sendable {
  /// The holders are those who pin most of what stays, the most first.
  case evicted(frames: Int, skippedPinnedFrames: Int, holders: [PinHolder])
  case migrated(movedFrames: Int, alreadyFrames: Int)
  case refused(Refusal)
}

/// Who asked and is to be answered.
package enum Requester: Equatable, Sendable {
  case client(SessionID, RequestID)
  case administrator(UInt64)
}
