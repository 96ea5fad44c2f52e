// What the daemon answers. Exactly one reply follows every request, in any order; the request's
// number tells which.

/// What the client needs to know to map and to ask. Carries two descriptors, the session's memory
/// file and its table, and a third one, an open /dev/userfaultfd, where `passesFaultDevice` is set.
package struct Welcome: Equatable, Sendable {
  package var version: UInt16 = 0
  package var passesFaultDevice: Bool = false
  package var session = SessionID(rawValue: 0)
  package var frameBytes: UInt32 = 0
  /// The arena is the range 0 ..< arenaBytes of the memory file; the client maps exactly that.
  package var arenaBytes: UInt64 = 0
  package var defaultLeaseMilliseconds: UInt32 = 0
  package var maximumLeaseMilliseconds: UInt32 = 0
  package var maximumTimeoutMilliseconds: UInt32 = 0
  /// How many requests may be under way at once on this connection.
  package var maximumRequestsInFlight: UInt32 = 0
  /// Where in the memory file the control words lie, to be mapped too.
  package var controlOffsetBytes: UInt64 = 0
  package var controlBytes: UInt64 = 0
  /// Of the control memory's layout: a client that knows another one does not map it.
  package var layoutFingerprint: UInt64 = 0
  /// The length of the session's table, which the client may map for reading.
  package var tableBytes: UInt64 = 0
  /// Of the table's layout: a client that knows another one does not map it.
  package var tableFingerprint: UInt64 = 0
  package init() {}
}

/// A run of frames that share a place, in answer to a query.
package struct PlaceRun: Equatable, Sendable {
  package var place: Place
  package var frames: UInt32
  package init(place: Place, frames: UInt32) {
    self.place = place
    self.frames = frames
  }
}

/// The places of a range: the first runs (at most `maximumRuns`), and how many frames are pinned.
package struct QueryAnswer: Equatable, Sendable {
  package static let maximumRuns = 256
  /// Frames of the range in all; more than the runs add up to if there were more runs than fit.
  package var frames: UInt32 = 0
  package var pinnedFrames: UInt32 = 0
  package var runs: [PlaceRun] = []
  package init() {}
}

/// One session's own use and the device as a whole. All sizes in bytes.
package struct StatisticsAnswer: Equatable, Sendable {
  package var capacityBytes: UInt64 = 0
  package var freeBytes: UInt64 = 0
  package var frameBytes: UInt64 = 0
  package var allocations: UInt64 = 0
  package var reservedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  package var hostBytes: UInt64 = 0
  package var storedBytes: UInt64 = 0
  package var pinnedBytes: UInt64 = 0
  package var faults: UInt64 = 0
  package var evictedFrames: UInt64 = 0
  package var restoredFrames: UInt64 = 0
  package init() {}
}

package enum Reply: Equatable, Sendable {
  case welcome(Welcome)
  case attached
  /// `resetsRange` asks the client to drop the page-table entries of the range (MADV_DONTNEED)
  /// before use: some page of it was poisoned by an access before it was allocated.
  case allocated(HandleID, offsetBytes: UInt64, sizeBytes: UInt64, resetsRange: Bool)
  case freed
  /// `movedFrames`: those that had to leave the device for a long-term pin.
  case pinned(PinID, leaseMilliseconds: UInt32, movedFrames: UInt32)
  case unpinned
  case released
  /// Frames that moved, and frames that already were where they were asked to be.
  case migrated(movedFrames: UInt32, alreadyFrames: UInt32)
  case advised(frames: UInt32)
  case queried(QueryAnswer)
  case statistics(StatisticsAnswer)
  case refused(Refusal)
}
